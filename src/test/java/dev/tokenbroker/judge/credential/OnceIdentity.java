package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.judge.issuer.NoKeys;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** Identities of an issuer whose credentials may be exchanged once, without a signature. */
public final class OnceIdentity {

  private static final TrustedIssuer ISSUER =
      new TrustedIssuer(
          "acme",
          "https://acme.example",
          Set.of("broker"),
          Set.of(SigningAlgorithm.ES256),
          Duration.ofMinutes(1),
          null,
          false,
          true,
          NoKeys.NONE,
          false,
          false);

  private OnceIdentity() {}

  /** The identity of a credential that lives for an hour. */
  public static VerifiedIdentity of(String id, Instant issued) {
    Instant end = issued.plus(Duration.ofHours(1));
    return new VerifiedIdentity(
        ISSUER,
        0,
        "subject",
        end,
        end.plus(ISSUER.leeway()),
        Map.of("iat", issued.getEpochSecond()),
        id,
        id);
  }
}
