package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.ClockOffset;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether a credential is current, by this broker's clock and the issuer's leeway (RFC 7519
 * sections 4.1.4 to 4.1.6).
 *
 * <pre>
 *   exp            refused if  now >= exp + leeway
 *   nbf and iat    refused if  nbf or iat > now + leeway
 *   maxTokenAge    refused if  now > iat + maxTokenAge + leeway
 * </pre>
 *
 * <p>A refusal states the excess and the measured offset of the issuer's clock. Clock differences
 * cause most time refusals of fresh credentials.
 */
final class TimeRules {

  private final TrustedIssuer issuer;
  private final Instant now;

  TimeRules(TrustedIssuer issuer, Instant now) {
    this.issuer = issuer;
    this.now = now;
  }

  /**
   * Returns the refusal of the first broken rule; empty if none is broken. The reason is {@code
   * CREDENTIAL_EXPIRED}, {@code CREDENTIAL_NOT_YET_VALID} or {@code CREDENTIAL_TOO_OLD}. It is
   * {@code CLAIM_MISSING} if the issuer has a {@code maxTokenAge} and {@code iat} is absent.
   */
  Optional<Refusal> judge(RegisteredClaims claims) {
    Instant expireTime = claims.expireTime();
    if (isExpired(expireTime, now)) {
      return Optional.of(expired(expireTime));
    }
    Instant notBefore = claims.notBefore();
    if (notBefore != null && isAhead(notBefore, now)) {
      return Optional.of(ahead("nbf", notBefore));
    }
    Instant issueTime = claims.issueTime();
    if (issueTime != null && isAhead(issueTime, now)) {
      return Optional.of(ahead("iat", issueTime));
    }
    Duration maxAge = issuer.maxTokenAge();
    return maxAge == null ? Optional.empty() : judgeAge(issueTime, maxAge);
  }

  /** Returns the end of the time in which the rules accept a currently accepted credential. */
  static Instant acceptedUntil(TrustedIssuer issuer, RegisteredClaims claims) {
    Instant end = claims.expireTime().plus(issuer.leeway());
    Duration maxAge = issuer.maxTokenAge();
    Instant issueTime = claims.issueTime();
    if (maxAge == null || issueTime == null) {
      return end;
    }
    Instant tooOld = issueTime.plus(maxAge).plus(issuer.leeway());
    return tooOld.isBefore(end) ? tooOld : end;
  }

  private Optional<Refusal> judgeAge(@Nullable Instant issueTime, Duration maxAge) {
    if (issueTime == null) {
      return Optional.of(
          Refusal.of(RefusalReason.CLAIM_MISSING)
              .expected("the claim iat, since " + issuer.name() + " has a maxTokenAge")
              .seen("no iat"));
    }
    return isTooOld(issueTime, maxAge, now)
        ? Optional.of(tooOld(issueTime, maxAge))
        : Optional.empty();
  }

  private boolean isExpired(Instant expireTime, Instant at) {
    return !at.isBefore(expireTime.plus(issuer.leeway()));
  }

  private boolean isAhead(Instant time, Instant at) {
    return time.isAfter(at.plus(issuer.leeway()));
  }

  private boolean isTooOld(Instant issueTime, Duration maxAge, Instant at) {
    return at.isAfter(issueTime.plus(maxAge).plus(issuer.leeway()));
  }

  private Refusal expired(Instant expireTime) {
    Refusal refusal =
        Refusal.of(RefusalReason.CREDENTIAL_EXPIRED)
            .expected("now (" + now + ") before exp plus a leeway of " + seconds(issuer.leeway()))
            .seen("exp " + expireTime + ", " + seconds(Duration.between(expireTime, now)) + " ago")
            .clue(skew(false, Duration.between(expireTime, now)));
    return withClocks(refusal, at -> isExpired(expireTime, at));
  }

  private Refusal ahead(String claim, Instant time) {
    Refusal refusal =
        Refusal.of(RefusalReason.CREDENTIAL_NOT_YET_VALID)
            .expected(
                claim
                    + (" not after now (" + now + ")")
                    + (" plus a leeway of " + seconds(issuer.leeway())))
            .seen(claim + " " + time + ", " + seconds(Duration.between(now, time)) + " ahead")
            .clue(skew(true, Duration.between(now, time)));
    return withClocks(refusal, at -> isAhead(time, at));
  }

  private Refusal tooOld(Instant issueTime, Duration maxAge) {
    Refusal refusal =
        Refusal.of(RefusalReason.CREDENTIAL_TOO_OLD)
            .expected(
                ("issued at most " + seconds(maxAge) + " ago")
                    + (" plus a leeway of " + seconds(issuer.leeway())))
            .seen("iat " + issueTime + ", " + seconds(Duration.between(issueTime, now)) + " ago")
            .clue(skew(false, Duration.between(issueTime, now).minus(maxAge)));
    return withClocks(refusal, at -> isTooOld(issueTime, maxAge, at));
  }

  private Clue skew(boolean early, Duration amount) {
    return new Clue.Skew(early, amount, issuer.leeway());
  }

  private Refusal withClocks(Refusal refusal, Predicate<Instant> isRefusedAt) {
    KeySetStatus status = issuer.keys().status();
    ClockOffset offset = status.clockOffset();
    if (offset == null) {
      return refusal.hint(
          status.freshness() == KeySetStatus.Freshness.FIXED
              ? "The issuer's clock is never measured, since its keys are not fetched."
              : "The issuer's clock is not measured yet.");
    }
    if (offset.jump().isPositive()) {
      // The offset was measured against a clock that may have been right or wrong since.
      return refusal.hint(
          ("This broker's clock has gained " + seconds(offset.jump()) + " on the time that passed")
              + " since the issuer's clock was measured. It was set, or the machine was suspended:"
              + " compare it with another clock.");
    }
    Refusal measured = refusal.hint(clock(offset));
    if (offset.jump().isNegative()) {
      measured =
          measured.hint(
              "This broker's clock was set back by "
                  + seconds(offset.jump().negated())
                  + " since.");
    }
    return isRefusedAt.test(now.plus(offset.least())) || isRefusedAt.test(now.plus(offset.most()))
        ? measured
        : measured.hint(
            "By the issuer's clock the credential would be good now: the clocks explain this"
                + " refusal. Set them right, or raise the leeway of "
                + issuer.name()
                + ".");
  }

  private static String clock(ClockOffset offset) {
    if (offset.isWithinUncertainty()) {
      return "The issuer's clock is that of this broker, measured at its last key fetch.";
    }
    Duration measured = offset.measured();
    String side = measured.isPositive() ? " ahead of" : " behind";
    return "The issuer's clock is "
        + seconds(measured.abs())
        + side
        + " this broker's, measured at its last key fetch.";
  }

  /** Formats a duration to the millisecond, for example "93.2 s". */
  static String seconds(Duration duration) {
    BigDecimal seconds = BigDecimal.valueOf(duration.toMillis(), 3);
    return seconds.stripTrailingZeros().toPlainString() + " s";
  }
}
