package dev.tokenbroker.edges.edge;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.nio.file.Files;
import java.nio.file.Path;

/** The smallest federation documents, and requests that fit them. */
final class Documents {

  private Documents() {}

  /** One issuer, whose identities may all have tokens for that audience. */
  static String granting(String audience, FakeIssuer issuer) {
    return granting(audience, issuer, "");
  }

  /**
   * The same.
   *
   * @param keys further keys of the issuer, as {@code , tls: corp}
   */
  static String granting(String audience, FakeIssuer issuer, String keys) {
    return """
    issuers:
      - {name: good, issuer: '%1$s', audiences: ['%2$s']%3$s}
    targets:
      - {audience: %4$s, mint: {lifetime: 5m}}
    rules:
      - {name: all, issuer: good, audience: %4$s, when: 'true', scopes: [read]}
    """
        .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, keys, audience);
  }

  static Path write(Path directory, String document) {
    return Unchecked.get(() -> Files.writeString(directory.resolve("federation.yaml"), document));
  }

  static ExchangeTokenRequest request(String audience, FakeIssuer issuer) {
    return BrokerClient.exchangeOf(audience, issuer.credential());
  }
}
