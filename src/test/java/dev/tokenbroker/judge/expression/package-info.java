/**
 * Tests of {@code judge.expression}.
 *
 * <p>Stand-ins and set-up: {@link KeptExpressions}.
 */
@NullMarked
package dev.tokenbroker.judge.expression;

import org.jspecify.annotations.NullMarked;
