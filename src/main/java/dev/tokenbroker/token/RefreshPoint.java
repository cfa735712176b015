package dev.tokenbroker.token;

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

  /** A moment drawn uniformly from that part of the token's life, in whole milliseconds. */
  public static Instant refreshTime(IssuedToken token, RandomGenerator random) {
    Duration life = Duration.between(token.issueTime(), token.expireTime());
    double part = random.nextDouble(EARLIEST, LATEST);
    return token.issueTime().plusMillis(Math.round(life.toMillis() * part));
  }
}
