package dev.tokenbroker.issue.signing;

import dev.tokenbroker.judge.target.Renewal;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Draws when a client should come back for its next token, within the {@link Renewal} of the
 * present one. So clients that started together do not return together.
 */
public final class RefreshPoint {

  private RefreshPoint() {}

  /**
   * A moment drawn uniformly from that part of the token's life, in whole milliseconds. If that
   * moment has passed, since the token was cached for a while, the same part of the remaining life
   * counts.
   */
  public static Instant refreshTime(IssuedToken token, Instant now, RandomGenerator random) {
    double part = random.nextDouble(token.renewal().earliest(), token.renewal().latest());
    Instant point = at(part, token.issueTime(), token.expireTime());
    return point.isAfter(now) ? point : at(part, now, token.expireTime());
  }

  private static Instant at(double part, Instant from, Instant end) {
    return from.plusMillis(Math.round(Duration.between(from, end).toMillis() * part));
  }
}
