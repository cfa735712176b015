package dev.tokenbroker.evaluate.federation.document;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the broker that decide what a document may refer to.
 *
 * @param httpToLoopback whether issuers and upstreams on this host may be called without TLS
 * @param ownClients the enabled clients of {@code quarkus.oidc-client}; null if they are not known,
 *     as for a command, so that a document may name any
 */
public record Surroundings(boolean httpToLoopback, @Nullable Set<String> ownClients) {}
