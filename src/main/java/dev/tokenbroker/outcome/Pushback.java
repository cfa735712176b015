package dev.tokenbroker.outcome;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** When a caller is told to come back, the same for every edge. */
public final class Pushback {

  private static final long DEFAULT_MILLIS = 1_000;
  private static final long DEFAULT_SPREAD_MILLIS = 4_000;

  private Pushback() {}

  /**
   * What the refusal says; where it says nothing, 1 to 5 s, so that callers do not come back
   * together. At least a millisecond. Meant for reasons that are to be tried again later.
   */
  public static Duration of(Refusal refusal, RandomGenerator random) {
    Duration retryAfter = refusal.retryAfter();
    return Duration.ofMillis(
        retryAfter == null
            ? DEFAULT_MILLIS + random.nextLong(DEFAULT_SPREAD_MILLIS)
            : Math.max(1, retryAfter.toMillis()));
  }
}
