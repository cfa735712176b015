/**
 * Tests of {@code peers.trust}.
 *
 * <p>Stand-ins and set-up: {@link TestTls}.
 */
@NullMarked
package dev.tokenbroker.peers.trust;

import org.jspecify.annotations.NullMarked;
