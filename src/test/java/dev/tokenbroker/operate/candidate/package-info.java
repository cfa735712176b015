/**
 * Tests of {@code operate.candidate}.
 *
 * <p>Stand-ins and set-up: {@link CountedClaims}, {@link RunningComparison}, {@link TestTrial}.
 */
@NullMarked
package dev.tokenbroker.operate.candidate;

import org.jspecify.annotations.NullMarked;
