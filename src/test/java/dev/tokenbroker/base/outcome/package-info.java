/**
 * Tests of {@code base.outcome}.
 *
 * <p>Stand-ins and set-up: {@link Outcomes}, {@link RefusalsDocument}.
 */
@NullMarked
package dev.tokenbroker.base.outcome;

import org.jspecify.annotations.NullMarked;
