/**
 * How an evaluation ends: {@link dev.tokenbroker.outcome.Outcome}, the refusals with their reasons,
 * the {@link dev.tokenbroker.outcome.Trail} of its steps, and the changes that may explain it. Also
 * what every package needs to say no in plain words: limits of settings, files of bounded size.
 * Depends on nothing.
 */
@NullMarked
package dev.tokenbroker.outcome;

import org.jspecify.annotations.NullMarked;
