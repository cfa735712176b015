package dev.tokenbroker.issue.sts;

import dev.tokenbroker.judge.policy.Presentation;
import dev.tokenbroker.judge.policy.Supply;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * An upstream as operators declare it.
 *
 * @param name its name in the federation document
 * @param issuer its issuer, whose discovery document names the token endpoint; null if {@code
 *     tokenEndpoint} is given
 * @param tokenEndpoint where tokens are exchanged; null if it is found by discovery
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
    UpstreamGrant grant,
    ClientAuthentication authentication,
    @Nullable String tls,
    RequestEncoding encoding,
    @Nullable Actor actor) {

  /**
   * Whether the caller's credential is sent as an assertion, which the upstream may accept only
   * once (RFC 7523 section 3, {@code jti}). A JWT that the broker mints is new for each attempt.
   */
  public boolean mayUseUpCredential(Supply.Exchange exchange) {
    return exchange.presentation() instanceof Presentation.Credential
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
