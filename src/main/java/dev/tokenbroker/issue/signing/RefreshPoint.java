package dev.tokenbroker.issue.signing;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Draws when a client should come back for its next token: between 50 and 80 % of the life of the
 * present one, or 40 and 50 % of credentials of AWS. So clients that started together do not return
 * together.
 */
public final class RefreshPoint {

  private static final double EARLIEST = 0.5;
  private static final double LATEST = 0.8;
  private static final double EARLIEST_OF_AWS = 0.4;

  private RefreshPoint() {}

  /**
   * A moment drawn uniformly from that part of the token's life, in whole milliseconds. If that
   * moment has passed, since the token was cached for a while, the same part of the remaining life
   * counts.
   */
  public static Instant refreshTime(IssuedToken token, Instant now, RandomGenerator random) {
    double part =
        token.isOfAws()
            ? random.nextDouble(EARLIEST_OF_AWS, EARLIEST)
            : random.nextDouble(EARLIEST, LATEST);
    Instant point = at(part, token.issueTime(), token.expireTime());
    return point.isAfter(now) ? point : at(part, now, token.expireTime());
  }

  private static Instant at(double part, Instant from, Instant end) {
    return from.plusMillis(Math.round(Duration.between(from, end).toMillis() * part));
  }
}
