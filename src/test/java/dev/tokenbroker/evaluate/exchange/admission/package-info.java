/**
 * Tests of {@code evaluate.exchange.admission}.
 *
 * <p>Stand-ins and set-up: {@link SimulatedBroker}, {@link TestAdmissionSettings}, {@link
 * TestOverload}.
 */
@NullMarked
package dev.tokenbroker.evaluate.exchange.admission;

import org.jspecify.annotations.NullMarked;
