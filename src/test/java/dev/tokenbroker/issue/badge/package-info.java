/**
 * The room of a kind of target that exists only in tests.
 *
 * <p>Stand-ins and set-up: {@link BadgeKind}.
 */
@NullMarked
package dev.tokenbroker.issue.badge;

import org.jspecify.annotations.NullMarked;
