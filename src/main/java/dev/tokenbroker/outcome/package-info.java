/**
 * How an evaluation ends: {@link dev.tokenbroker.outcome.Outcome}, the refusals with their reasons,
 * and the {@link dev.tokenbroker.outcome.Trail} of its steps. Depends on nothing.
 */
@NullMarked
package dev.tokenbroker.outcome;

import org.jspecify.annotations.NullMarked;
