package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import java.util.Map;
import java.util.Optional;

/**
 * How the broker names itself in an exchange (RFC 8693 section 2.1, {@code actor_token}).
 *
 * @param client the client of {@code quarkus.oidc-client} whose token is the actor token
 * @param required whether a token without {@code act} is refused
 */
public record Actor(String client, boolean required) {

  /** The type of the broker's own token: what a client-credentials request returns. */
  static final String TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";

  /**
   * What is wrong with a token whose {@code act} should name the broker (RFC 8693 section 4.1);
   * empty if it has one. The signature is not verified: the token's own target does that.
   */
  static Optional<String> fault(String token) {
    if (!(CompactJws.parse(token, TokenResponse.MAX_TOKEN_CHARS)
        instanceof Accepted<CompactJws>(CompactJws jws))) {
      return Optional.of("an opaque token, whose actor cannot be seen");
    }
    return jws.claims() instanceof Accepted<Map<String, Object>>(var claims)
            && claims.get("act") instanceof Map
        ? Optional.empty()
        : Optional.of("a JWT without act");
  }
}
