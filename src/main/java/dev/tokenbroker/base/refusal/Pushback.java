package dev.tokenbroker.base.refusal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Computes when a refused caller may come back, the same for every edge. */
public final class Pushback {

  private static final long DEFAULT_MILLIS = 1_000;
  private static final int DEFAULT_SPREAD_MILLIS = 4_000;

  private Pushback() {}

  /**
   * The time that the refusal gives, at least a millisecond. If it gives none, the time is 1 to 5
   * s, so that callers do not come back together. Meant for reasons with a later retry.
   */
  public static Duration of(Refusal refusal, RandomGenerator random) {
    Duration retryAfter = refusal.retryAfter();
    return Duration.ofMillis(
        retryAfter == null
            ? DEFAULT_MILLIS + random.nextLong(DEFAULT_SPREAD_MILLIS)
            : Math.max(1, retryAfter.toMillis()));
  }

  /**
   * The time until a bounded memory has room again, at least a second; plus up to 4 s, so that
   * callers do not come back together.
   */
  public static Duration untilRoom(Duration untilRoom, RandomGenerator random) {
    return Duration.ofMillis(
        Math.max(DEFAULT_MILLIS, untilRoom.toMillis()) + random.nextInt(DEFAULT_SPREAD_MILLIS));
  }
}
