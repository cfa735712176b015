package dev.tokenbroker.command.doctor;

import dev.tokenbroker.judge.issuer.ClockOffset;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.peers.http.AnswerTimes;
import java.time.Duration;
import java.time.Instant;

/** Checks what the headers of a key set say about caches and about the clock of the issuer. */
final class FreshnessChecks {

  /** A larger offset shows a clock that no time server sets. */
  private static final Duration NOTABLE = Duration.ofSeconds(5);

  private final CheckList checks;
  private final TrustedIssuer issuer;

  FreshnessChecks(CheckList checks, TrustedIssuer issuer) {
    this.checks = checks;
    this.issuer = issuer;
  }

  /** Reports the age of the key set, and how long it may be kept. */
  void caching(AnswerTimes times, Duration keyTtl) {
    Duration maxAge = times.maxAge();
    String seen =
        "Age %d s, max-age %s"
            .formatted(
                times.age().toSeconds(), maxAge == null ? "none" : maxAge.toSeconds() + " s");
    boolean outlived = maxAge != null && times.age().compareTo(maxAge) > 0;
    if (times.age().compareTo(keyTtl) < 0 && !outlived) {
      checks.passed(DoctorCheck.KEY_CACHING, seen);
      return;
    }
    checks.found(
        Defect.KEY_SET_OLD,
        seen,
        "Shorten how long the cache in front of the issuer keeps the key set: a new key is unknown"
            + " until then.");
  }

  /** Reports how far the clock of the issuer is from ours. */
  void clock(AnswerTimes times, Instant now) {
    Instant date = times.date();
    if (date == null || !times.age().isZero()) {
      checks.skipped(
          DoctorCheck.CLOCK,
          date == null ? "the response has no Date" : "a cache on the way keeps an old Date");
      return;
    }
    ClockOffset offset =
        ClockOffset.of(Duration.between(now.minus(times.sinceMidpoint()), date), times.roundTrip());
    Duration least =
        offset.isWithinUncertainty()
            ? Duration.ZERO
            : offset.measured().abs().minus(offset.uncertainty());
    String seen =
        "the issuer is %d ms %s, ± %d ms"
            .formatted(
                offset.measured().abs().toMillis(),
                offset.measured().isNegative() ? "behind" : "ahead",
                offset.uncertainty().toMillis());
    String remedy = "Compare both clocks with a time server, and correct the one that is off.";
    if (least.compareTo(issuer.leeway()) > 0) {
      checks.found(
          Defect.CLOCK_OFFSET_BEYOND_LEEWAY,
          seen + "; the leeway is " + issuer.leeway().toSeconds() + " s",
          remedy);
    } else if (least.compareTo(NOTABLE) > 0) {
      checks.found(Defect.CLOCK_OFFSET, seen, remedy);
    } else {
      checks.passed(DoctorCheck.CLOCK, seen);
    }
  }
}
