/**
 * How an evaluation goes and ends: {@link dev.tokenbroker.outcome.Outcome}, the refusals, and the
 * {@link dev.tokenbroker.outcome.Trail} that each step leaves its finding on.
 *
 * <p>Owns the taxonomy of refusals, the names of the steps and what a setting is refused with;
 * knows no protocol, no clock and no library. Depends on nothing and may be used by everybody.
 */
@NullMarked
package dev.tokenbroker.outcome;

import org.jspecify.annotations.NullMarked;
