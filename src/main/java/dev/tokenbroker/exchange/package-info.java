/**
 * The use case: one evaluation from request to verdict. {@code TokenExchange} is the first class to
 * read. Called by the edges and {@code telemetry}.
 */
@NullMarked
package dev.tokenbroker.exchange;

import org.jspecify.annotations.NullMarked;
