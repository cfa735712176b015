package dev.tokenbroker.signing;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When a client should come back for its next token: somewhere between 50 and 80 % of the life of
 * the one it has, so that clients that started together do not return together.
 */
public final class RefreshPoint {

  private static final double EARLIEST = 0.5;
  private static final double LATEST = 0.8;

  private RefreshPoint() {}

  /**
   * A moment drawn uniformly from that part of the token's life, in whole milliseconds; where that
   * has passed, since the token was held for a while, from the same part of what is left of it.
   */
  public static Instant refreshTime(IssuedToken token, Instant now, RandomGenerator random) {
    double part = random.nextDouble(EARLIEST, LATEST);
    Instant point = at(part, token.issueTime(), token.expireTime());
    return point.isAfter(now) ? point : at(part, now, token.expireTime());
  }

  private static Instant at(double part, Instant from, Instant end) {
    return from.plusMillis(Math.round(Duration.between(from, end).toMillis() * part));
  }
}
