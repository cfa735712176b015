package dev.tokenbroker.sts;

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
 */
public record UpstreamDefinition(
    String name,
    @Nullable String issuer,
    @Nullable URI tokenEndpoint,
    UpstreamGrant grant,
    ClientAuthentication authentication,
    @Nullable String tls) {

  /**
   * Whether the credential is sent as an assertion, which the upstream may accept only once (RFC
   * 7523 section 3, {@code jti}).
   */
  public boolean mayUseUpCredential() {
    return grant == UpstreamGrant.JWT_BEARER
        || authentication instanceof ClientAuthentication.Federated;
  }
}
