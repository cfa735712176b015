/**
 * The console: the page at {@code /console}, and the stream that shows operators what the broker
 * does. It reads what the packages below hold, and decides nothing. {@code LiveFeed} is the class
 * to read first.
 */
@NullMarked
package dev.tokenbroker.console;

import org.jspecify.annotations.NullMarked;
