/**
 * Tests of {@code peers.oauth}.
 *
 * <p>Stand-ins and set-up: {@link FakeOidcClient}, {@link TestOwnTokens}.
 */
@NullMarked
package dev.tokenbroker.peers.oauth;

import org.jspecify.annotations.NullMarked;
