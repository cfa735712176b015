/**
 * Tests of the console's data, and of what its watchers cost.
 *
 * <p>Stand-ins and set-up: {@link BrowserTests}, {@link LiveClient}, {@link LiveRecords}, {@link
 * PacedCalls}, {@link SeenCalls}, {@link WatchedBroker}.
 */
@NullMarked
package dev.tokenbroker.edges.console;

import org.jspecify.annotations.NullMarked;
