/**
 * How an evaluation ends: {@link dev.tokenbroker.outcome.Outcome}, the refusals with their reasons,
 * the {@link dev.tokenbroker.outcome.Trail} of its steps, and the changes that may explain it.
 * Depends on nothing.
 */
@NullMarked
package dev.tokenbroker.outcome;

import org.jspecify.annotations.NullMarked;
