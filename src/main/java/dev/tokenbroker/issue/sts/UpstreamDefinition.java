package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.DiscoveryDocument;
import dev.tokenbroker.peers.http.Origin;
import java.net.URI;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An upstream as operators declare it.
 *
 * @param name its name in the federation document
 * @param issuer its issuer, whose discovery document names the token endpoint; null if {@code
 *     tokenEndpoint} is given
 * @param tokenEndpoint where tokens are exchanged; null if it is found by discovery
 * @param tokenOrigins where the discovery document may name a token endpoint, besides the origin of
 *     {@code issuer}
 * @param kind how it is asked
 * @param tls the name of the TLS configuration with the trusted authorities; null for the default
 *     one
 */
public record UpstreamDefinition(
    String name,
    @Nullable String issuer,
    @Nullable URI tokenEndpoint,
    Set<Origin> tokenOrigins,
    UpstreamKind kind,
    @Nullable String tls) {

  private static final String MEMBER = "token_endpoint";

  /** An upstream that a target is itself: at a declared address, with the target's name. */
  public static UpstreamDefinition ofTarget(
      String audience, URI address, UpstreamKind kind, @Nullable String tls) {
    return new UpstreamDefinition(audience, null, address, Set.of(), kind, tls);
  }

  /**
   * Reads the token endpoint in the discovery document of its issuer. Secrets, assertions and
   * credentials are sent there, and the right to change a document does not give a right to them.
   *
   * @return a URL at a declared origin; or {@code UPSTREAM_ADDRESS_REFUSED}, or a refusal as in
   *     {@link DiscoveryDocument#endpoint}
   */
  public Outcome<URI> endpointIn(byte[] document) {
    String declared = Objects.requireNonNull(issuer);
    // RFC 8705 section 5: a client that shows a certificate has an endpoint of its own.
    Outcome<URI> named =
        kind.showsCertificate()
            ? DiscoveryDocument.mutualTlsEndpoint(document, declared, MEMBER)
            : DiscoveryDocument.endpoint(document, declared, MEMBER);
    Origin own = Origin.of(URI.create(declared));
    return named.then(
        uri ->
            Origin.of(uri).equals(own) || tokenOrigins.contains(Origin.of(uri))
                ? Outcome.accepted(uri)
                : Outcome.refused(
                    Refusal.of(RefusalReason.UPSTREAM_ADDRESS_REFUSED)
                        .expected("a token_endpoint at " + own + ", or at one of tokenOrigins")
                        .seen("no request: a token_endpoint at another origin")
                        .note("The token_endpoint is at " + Origin.of(uri) + ".")));
  }
}
