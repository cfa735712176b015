/**
 * What becomes of tokens after they were minted: whether one is active (RFC 7662), and taking one
 * back (RFC 7009).
 *
 * <p>Owns the order of these two: first who asks, and only then the token. Knows no protocol.
 * Called by the edges; what it does is observed by {@code telemetry}.
 */
@NullMarked
package dev.tokenbroker.lifecycle;

import org.jspecify.annotations.NullMarked;
