/**
 * Tests of {@code base.refusal}.
 *
 * <p>Stand-ins and set-up: {@link Outcomes}, {@link RefusalsDocument}.
 */
@NullMarked
package dev.tokenbroker.base.refusal;

import org.jspecify.annotations.NullMarked;
