/**
 * In: what the packages below hold. Out: the page at {@code /console} and the stream that it reads.
 * Decides nothing. Open {@code LiveFeed} first.
 */
@NullMarked
package dev.tokenbroker.edges.console;

import org.jspecify.annotations.NullMarked;
