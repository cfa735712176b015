/**
 * In: what a step of an evaluation saw. Out: {@code Outcome}, {@code Refusal}, the {@code Trail} of
 * steps. Open {@code RefusalReason} first.
 */
@NullMarked
package dev.tokenbroker.base.refusal;

import org.jspecify.annotations.NullMarked;
