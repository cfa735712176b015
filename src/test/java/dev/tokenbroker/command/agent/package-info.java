/**
 * Tests of {@code command.agent}.
 *
 * <p>Stand-ins and set-up: {@link FakeBroker}, {@link TwoClocks}.
 */
@NullMarked
package dev.tokenbroker.command.agent;

import org.jspecify.annotations.NullMarked;
