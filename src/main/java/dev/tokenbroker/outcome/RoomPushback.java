package dev.tokenbroker.outcome;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Computes when a caller may come back after a bounded memory was full. */
public final class RoomPushback {

  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final int SPREAD_MILLIS = 4_000;

  private RoomPushback() {}

  /**
   * The time until there is room, at least a second; plus up to 4 s, so that callers do not come
   * back together.
   */
  public static Duration of(Duration untilRoom, RandomGenerator random) {
    Duration wait = untilRoom.compareTo(LEAST) > 0 ? untilRoom : LEAST;
    return wait.plusMillis(random.nextInt(SPREAD_MILLIS));
  }
}
