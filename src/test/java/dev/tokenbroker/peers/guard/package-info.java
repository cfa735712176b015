/**
 * Tests of {@code peers.guard}.
 *
 * <p>Stand-ins and set-up: {@link BoundOracle}, {@link GuardValues}, {@link RetryDebt}, {@link
 * SimulatedGuard}, {@link StormSimulation}, {@link VirtualTime}.
 */
@NullMarked
package dev.tokenbroker.peers.guard;

import org.jspecify.annotations.NullMarked;
