/**
 * What the doors share: the way back to the event loop that a call belongs to, the calls under way
 * and how many of them may be off it, the bytes of requests that have not arrived whole, what a
 * connection has to send, what it lets through of HTTP/1, the certificate of a caller, the
 * addresses at which callers reach this broker, what tells calls of gRPC from other requests, the
 * first look at either, and whether the broker is ready.
 *
 * <p>The server below is Vert.x, which is not safe for answers from other threads than the event
 * loop of their call. Nothing here knows what a message of gRPC or an HTTP request says.
 */
@NullMarked
package dev.tokenbroker.door;

import org.jspecify.annotations.NullMarked;
