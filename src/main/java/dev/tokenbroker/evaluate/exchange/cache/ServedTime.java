package dev.tokenbroker.evaluate.exchange.cache;

import dev.tokenbroker.issue.signing.IssuedToken;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * The time in which a token is handed out: from its issue until {@link IssuedToken#leastLeft} of
 * its life is left, and not past the end of its credential.
 *
 * @param issued when the token was made
 * @param renewed the time in which its refresh comes due; not positive for a token that is too
 *     short to be handed out again
 * @param until the end of that time, or the end of the credential if that is earlier
 */
record ServedTime(Instant issued, Duration renewed, Instant until) {

  /** How far a clock may be set back before its earlier tokens count as dated in the future. */
  private static final Duration SET_BACK = Duration.ofMinutes(1);

  /** 50 to 80 % of most lives, as parts of the 80 % of it that are served. */
  private static final double EARLIEST_REFRESH = 0.625;

  /**
   * The time of a token.
   *
   * @param acceptableUntil the moment from which the credential is not accepted any more
   */
  static ServedTime of(IssuedToken token, Instant acceptableUntil) {
    Duration served = token.life().minus(token.leastLeft());
    Duration latest = token.renewal().latest(token.life());
    Instant end = token.issueTime().plus(served);
    return new ServedTime(
        token.issueTime(),
        latest.compareTo(served) < 0 ? latest : served,
        acceptableUntil.isBefore(end) ? acceptableUntil : end);
  }

  /** Its begin, a little before the token was made. */
  Instant from() {
    return issued.minus(SET_BACK);
  }

  /** The moment at which the refresh comes due. */
  Instant drawRefresh(RandomGenerator random) {
    double part = random.nextDouble(EARLIEST_REFRESH, 1);
    return issued.plusMillis(Math.round(Math.max(0, renewed.toMillis()) * part));
  }
}
