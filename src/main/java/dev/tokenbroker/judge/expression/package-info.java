/**
 * In: the text of an expression (CEL), and the facts of a verified identity. Out: a compiled
 * expression, its value within a budget of steps, and what it reads of the claims. Knows no rule
 * and no target. Open {@code Expressions} first.
 */
@NullMarked
package dev.tokenbroker.judge.expression;

import org.jspecify.annotations.NullMarked;
