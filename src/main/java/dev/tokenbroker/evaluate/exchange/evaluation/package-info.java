/**
 * In: a request from an edge. Out: the state of its evaluation while it runs, and the {@code
 * Verdict} and record that remain of it. Decides nothing. Open {@code Evaluation} first.
 */
@NullMarked
package dev.tokenbroker.evaluate.exchange.evaluation;

import org.jspecify.annotations.NullMarked;
