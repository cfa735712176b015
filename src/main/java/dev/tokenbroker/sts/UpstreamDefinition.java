package dev.tokenbroker.sts;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * An upstream as operators declare it.
 *
 * @param name its name in the federation document
 * @param issuer its issuer, whose discovery document names the token endpoint; null where {@code
 *     tokenEndpoint} is given
 * @param tokenEndpoint where tokens are exchanged; null where it is found by discovery
 * @param grant how tokens are asked for
 * @param authentication how the broker shows who it is
 * @param tls the TLS configuration that says whom to trust, by name; null for the default one
 */
public record UpstreamDefinition(
    String name,
    @Nullable String issuer,
    @Nullable URI tokenEndpoint,
    UpstreamGrant grant,
    ClientAuthentication authentication,
    @Nullable String tls) {

  /**
   * Whether the credential is sent as an assertion, which the upstream may take for one use only
   * (RFC 7523 section 3, {@code jti}).
   */
  public boolean mayUseUpCredential() {
    return grant == UpstreamGrant.JWT_BEARER
        || authentication instanceof ClientAuthentication.Federated;
  }
}
