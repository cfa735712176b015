/**
 * Tests of {@code judge.target}.
 *
 * <p>Stand-ins and set-up: {@link Badge}.
 */
@NullMarked
package dev.tokenbroker.judge.target;

import org.jspecify.annotations.NullMarked;
