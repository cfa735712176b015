package dev.tokenbroker.credential;

import dev.tokenbroker.issuer.TrustedIssuer;
import java.time.Instant;
import java.util.Map;

/**
 * Makes identities that nothing proves: claims that only count as verified. A rehearsal tries rules
 * with them. No token may ever rest on one, so only {@code rehearsal} may use this class.
 */
public final class AssumedIdentity {

  private AssumedIdentity() {}

  /**
   * The identity that a credential of that issuer with these claims would prove.
   *
   * @param claims deeply immutable, as {@link VerifiedIdentity#claims()} has them
   */
  public static VerifiedIdentity of(
      TrustedIssuer issuer, String subject, Instant expireTime, Map<String, Object> claims) {
    return new VerifiedIdentity(
        issuer, 0, subject, expireTime, expireTime.plus(issuer.leeway()), claims, null, null);
  }
}
