/**
 * Tests of {@code operate.changes.shape}.
 *
 * <p>Stand-ins and set-up: {@link WatchedIssuers}.
 */
@NullMarked
package dev.tokenbroker.operate.changes.shape;

import org.jspecify.annotations.NullMarked;
