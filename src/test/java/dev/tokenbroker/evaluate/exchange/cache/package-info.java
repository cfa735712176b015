/**
 * Tests of {@code evaluate.exchange.cache}.
 *
 * <p>Stand-ins and set-up: {@link Endings}, {@link TestFlights}.
 */
@NullMarked
package dev.tokenbroker.evaluate.exchange.cache;

import org.jspecify.annotations.NullMarked;
