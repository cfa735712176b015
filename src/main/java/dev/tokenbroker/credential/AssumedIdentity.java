package dev.tokenbroker.credential;

import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Makes identities that nothing proves: claims that only count as verified. A rehearsal tries rules
 * with them. No token may ever rest on one, so only {@code rehearsal} may use this class.
 */
public final class AssumedIdentity {

  private AssumedIdentity() {}

  /**
   * The identity that a credential with these claims would prove at that moment; or the refusal by
   * which each such credential fails, whoever signs it. The switch {@code disabled} of an issuer
   * does not count.
   *
   * @param claims deeply immutable, as {@link VerifiedIdentity#claims()} has them
   */
  public static Outcome<VerifiedIdentity> at(
      TrustedIssuer issuer, Map<String, Object> claims, Instant now) {
    return RegisteredClaims.read(claims)
        .then(registered -> judged(issuer, registered, claims, now));
  }

  private static Outcome<VerifiedIdentity> judged(
      TrustedIssuer issuer, RegisteredClaims registered, Map<String, Object> claims, Instant now) {
    if (!registered.issuer().equals(issuer.issuer())) {
      return Outcome.refused(
          Refusal.of(RefusalReason.ISSUER_UNKNOWN)
              .expected(issuer.issuer())
              .seen("iss " + registered.issuer()));
    }
    Optional<Refusal> untimely = new TimeRules(issuer, now).judge(registered);
    if (untimely.isPresent()) {
      return Outcome.refused(untimely.get());
    }
    return registered.audiences().stream().anyMatch(issuer.audiences()::contains)
        ? Outcome.accepted(of(issuer, registered.subject(), registered.expireTime(), claims))
        : Outcome.refused(AudienceRule.mismatch(registered.audiences(), issuer));
  }

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
