package dev.tokenbroker.judge.credential;

import static dev.tokenbroker.judge.credential.TestCredential.AUDIENCE;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Trusted issuers that allow every algorithm. */
public final class TestIssuers {

  private TestIssuers() {}

  /** For {@link TestCredential#AUDIENCE}, with a leeway of 60 s. */
  static TrustedIssuer of(String name, String issuer, KeySetSource keys) {
    return of(name, issuer, AUDIENCE, Duration.ofSeconds(60), null, false, keys);
  }

  /**
   * An issuer with any algorithm that is allowed.
   *
   * @param once whether its credentials may be exchanged once only
   */
  public static TrustedIssuer of(
      String name,
      String issuer,
      String audience,
      Duration leeway,
      @Nullable Duration maxTokenAge,
      boolean once,
      KeySetSource keys) {
    return new TrustedIssuer(
        name,
        issuer,
        Set.of(audience),
        EnumSet.allOf(SigningAlgorithm.class),
        leeway,
        maxTokenAge,
        false,
        once,
        keys,
        false,
        false);
  }

  /** A client that signs its own assertions for {@code https://broker.test}. */
  public static TrustedIssuer client(String name, KeySetSource keys) {
    return new TrustedIssuer(
        TrustedIssuer.CLIENT_PREFIX + name,
        name,
        Set.of("https://broker.test"),
        EnumSet.allOf(SigningAlgorithm.class),
        Duration.ofSeconds(60),
        TrustedIssuer.MAX_ASSERTION_LIFE,
        false,
        true,
        keys,
        false,
        true);
  }
}
