/**
 * Tests of {@code command.fetch}.
 *
 * <p>Stand-ins and set-up: {@link BrokerDouble}.
 */
@NullMarked
package dev.tokenbroker.command.fetch;

import org.jspecify.annotations.NullMarked;
