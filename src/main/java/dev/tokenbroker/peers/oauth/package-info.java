/**
 * In: the name of a client of {@code quarkus.oidc-client}. Out: the broker's own token for a peer
 * that must know the broker, or why there is none. Open {@code OwnTokens} first.
 */
@NullMarked
package dev.tokenbroker.peers.oauth;

import org.jspecify.annotations.NullMarked;
