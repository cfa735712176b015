/**
 * In: what a step of an evaluation saw. Out: {@code Outcome}, {@code Refusal}, the {@code Trail} of
 * steps, and changes that may explain them; limits of settings and files. Depends on nothing. Open
 * {@code RefusalReason} first.
 */
@NullMarked
package dev.tokenbroker.base.outcome;

import org.jspecify.annotations.NullMarked;
