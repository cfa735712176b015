package dev.tokenbroker.outcome;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** When callers are told to come back for whom a bounded memory had no room. */
public final class RoomPushback {

  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final int SPREAD_MILLIS = 4_000;

  private RoomPushback() {}

  /**
   * Once there is room again, in a second at least; and up to 4 s after that, so that callers do
   * not come back together.
   */
  public static Duration of(Duration untilRoom, RandomGenerator random) {
    Duration wait = untilRoom.compareTo(LEAST) > 0 ? untilRoom : LEAST;
    return wait.plusMillis(random.nextInt(SPREAD_MILLIS));
  }
}
