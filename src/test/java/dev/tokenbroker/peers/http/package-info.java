/**
 * Tests of {@code peers.http}.
 *
 * <p>Stand-ins and set-up: {@link Drips}, {@link FakeServer}, {@link PeerClients}, {@link
 * ProxyTunnel}, {@link TestAnswers}.
 */
@NullMarked
package dev.tokenbroker.peers.http;

import org.jspecify.annotations.NullMarked;
