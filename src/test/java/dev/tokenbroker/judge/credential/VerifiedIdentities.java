package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.NumericDate;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Identities for tests of what comes after verification. */
public final class VerifiedIdentities {

  private VerifiedIdentities() {}

  /**
   * An identity of that issuer with these claims; those of {@code iss}, {@code sub}, {@code aud}
   * and {@code exp} (ten minutes after {@link TestClock#START}) that are missing are supplied.
   */
  public static VerifiedIdentity of(TrustedIssuer issuer, Map<String, Object> claims) {
    Map<String, Object> all = new LinkedHashMap<>(claims);
    all.putIfAbsent("iss", issuer.issuer());
    all.putIfAbsent("sub", "somebody");
    all.putIfAbsent("aud", issuer.audiences().iterator().next());
    all.putIfAbsent("exp", TestClock.START.plusSeconds(600).getEpochSecond());
    Instant expireTime = NumericDate.read(all.get("exp")).orElseThrow();
    return new VerifiedIdentity(
        issuer,
        issuer.keys().version(),
        String.valueOf(all.get("sub")),
        expireTime,
        expireTime.plus(issuer.leeway()),
        Collections.unmodifiableMap(all),
        null,
        all.get("jti") instanceof String id ? id : null);
  }
}
