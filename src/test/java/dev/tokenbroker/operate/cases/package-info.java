/**
 * Tests of {@code operate.cases}.
 *
 * <p>Stand-ins and set-up: {@link Rehearsals}.
 */
@NullMarked
package dev.tokenbroker.operate.cases;

import org.jspecify.annotations.NullMarked;
