package dev.tokenbroker.evaluate.exchange.admission;

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
public record ServedTime(Instant issued, Duration renewed, Instant until) {

  /** How far a clock may be set back before its earlier tokens count as dated in the future. */
  private static final Duration SET_BACK = Duration.ofMinutes(1);

  /** 50 to 80 % of most lives, as parts of the 80 % of it that are served. */
  private static final double EARLIEST_REFRESH = 0.625;

  /**
   * The time of a token.
   *
   * @param acceptableUntil the moment from which the credential is not accepted any more
   */
  public static ServedTime of(IssuedToken token, Instant acceptableUntil) {
    Duration served = token.life().minus(token.leastLeft());
    Duration half = token.life().dividedBy(2);
    Instant end = token.issueTime().plus(served);
    return new ServedTime(
        token.issueTime(),
        token.isOfAws() && half.compareTo(served) < 0 ? half : served,
        acceptableUntil.isBefore(end) ? acceptableUntil : end);
  }

  /** Its begin, a little before the token was made. */
  public Instant from() {
    return issued.minus(SET_BACK);
  }

  /**
   * Whether the token may be handed out then. A token of a clock that was ahead and has been set
   * back may not: verifiers would take it for a token of the future.
   */
  public boolean contains(Instant now) {
    return now.isBefore(until) && !now.isBefore(from());
  }

  /** The moment from which a refresh of the token may come due. */
  public Instant earliestRefresh() {
    return at(EARLIEST_REFRESH);
  }

  /** The moment at which the refresh comes due. */
  public Instant drawRefresh(RandomGenerator random) {
    return at(random.nextDouble(EARLIEST_REFRESH, 1));
  }

  private Instant at(double part) {
    return issued.plusMillis(Math.round(Math.max(0, renewed.toMillis()) * part));
  }
}
