package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.judge.issuer.DiscoveryDocument;
import dev.tokenbroker.judge.policy.Presentation;
import dev.tokenbroker.judge.policy.Supply;
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
 * @param grant how tokens are requested
 * @param authentication how the broker authenticates
 * @param tls the name of the TLS configuration with the trusted authorities; null for the default
 *     one
 * @param encoding how the parameters of token requests are written
 * @param actor how the broker names itself as actor; null if it does not
 */
public record UpstreamDefinition(
    String name,
    @Nullable String issuer,
    @Nullable URI tokenEndpoint,
    Set<Origin> tokenOrigins,
    UpstreamGrant grant,
    ClientAuthentication authentication,
    @Nullable String tls,
    RequestEncoding encoding,
    @Nullable Actor actor) {

  private static final String MEMBER = "token_endpoint";

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
        authentication instanceof ClientAuthentication.MutualTls
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

  /**
   * Whether the caller's credential is sent as an assertion, which the upstream may accept only
   * once (RFC 7523 section 3, {@code jti}). A JWT that the broker mints is new for each attempt.
   */
  public boolean mayUseUpCredential(Supply.Upstreamed from) {
    return from.presentation() instanceof Presentation.Credential
        && (grant == UpstreamGrant.JWT_BEARER || isFederated());
  }

  /** Whether a request has something that speaks for the identity. */
  public boolean presentsIdentity() {
    return grant != UpstreamGrant.CLIENT_CREDENTIALS || isFederated();
  }

  /** Whether what the upstream gets to see of the identity also authenticates the broker. */
  boolean isFederated() {
    return authentication instanceof ClientAuthentication.Federated;
  }
}
