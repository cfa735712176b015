package dev.tokenbroker.exchange;

import dev.tokenbroker.token.BrokerTokens;
import java.util.List;
import java.util.Optional;

/** Who may use the broker beyond exchanges, in tests. */
public record TestAccess(
    Optional<List<String>> introspectionCertificates, Optional<List<String>> revocationCertificates)
    implements AccessSettings {

  /** Bearers of tokens, and whoever holds a certificate of one of these thumbprints. */
  public static CallerAccess listing(
      BrokerTokens tokens, List<String> introspecting, List<String> revoking) {
    return new CallerAccess(
        tokens, new TestAccess(Optional.of(introspecting), Optional.of(revoking)));
  }
}
