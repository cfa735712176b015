/**
 * The page at {@code /console} and the stream that it reads. Shows what the packages below hold,
 * and decides nothing. Open {@code LiveFeed} first.
 */
@NullMarked
package dev.tokenbroker.edges.console;

import org.jspecify.annotations.NullMarked;
