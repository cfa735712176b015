package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Creates identities from claims that no signature proves. A rehearsal tries rules with them. No
 * token may ever be issued for one, so only {@code operate} may use this class.
 */
public final class AssumedIdentity {

  private AssumedIdentity() {}

  /**
   * Returns the identity that a credential with these claims would prove at that moment. If every
   * such credential would fail, whatever key signs it, returns the refusal. The check ignores the
   * issuer's {@code disabled} switch.
   *
   * @param claims deeply immutable, in the types of {@link VerifiedIdentity#claims()}
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
        : Outcome.refused(AudienceRule.mismatch(registered.audiences(), List.of(issuer)));
  }

  /**
   * Returns the identity that a credential of that issuer with these claims would prove.
   *
   * @param claims deeply immutable, in the types of {@link VerifiedIdentity#claims()}
   */
  public static VerifiedIdentity of(
      TrustedIssuer issuer, String subject, Instant expireTime, Map<String, Object> claims) {
    return new VerifiedIdentity(
        issuer, 0, subject, expireTime, expireTime.plus(issuer.leeway()), claims, null, null);
  }
}
