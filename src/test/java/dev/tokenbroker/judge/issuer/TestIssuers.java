package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import java.time.Duration;
import java.util.Set;

/** Trusted issuers as a federation has them that says little about them. */
public final class TestIssuers {

  /** The audience of their credentials. */
  public static final String AUDIENCE = "https://broker.acme.example";

  private TestIssuers() {}

  /** One at {@code https://NAME.example}. */
  public static TrustedIssuer named(String name, KeySetSource keys) {
    return of(name, "https://" + name + ".example", keys, AUDIENCE);
  }

  public static TrustedIssuer of(
      String name, String issuer, KeySetSource keys, String... audiences) {
    return of(name, issuer, keys, false, audiences);
  }

  /** One that is disabled. */
  public static TrustedIssuer disabled(String name, KeySetSource keys) {
    return of(name, "https://" + name + ".example", keys, true, AUDIENCE);
  }

  private static TrustedIssuer of(
      String name, String issuer, KeySetSource keys, boolean disabled, String... audiences) {
    Set<SigningAlgorithm> algorithms = Set.of(SigningAlgorithm.ES256);
    Duration leeway = Duration.ofSeconds(60);
    return new TrustedIssuer(
        name,
        issuer,
        Set.of(audiences),
        algorithms,
        leeway,
        null,
        disabled,
        false,
        keys,
        false,
        false);
  }
}
