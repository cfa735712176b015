package dev.tokenbroker.issuer;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The times that govern fetched keys.
 *
 * @param coolDown the least time between two attempts; 100 ms to 1 h
 * @param minTtl the shortest time for which keys are fresh; 1 s to 1 d
 * @param maxTtl the longest time for which keys are fresh; at least {@code minTtl}, to 7 d
 * @param maxStale how long past their time they are served at most; 0 to 7 d
 */
record KeyTimes(Duration coolDown, Duration minTtl, Duration maxTtl, Duration maxStale) {

  KeyTimes {
    requireWithin(coolDown, Duration.ofMillis(100), Duration.ofHours(1), "key-cool-down");
    requireWithin(minTtl, Duration.ofSeconds(1), Duration.ofDays(1), "min-key-ttl");
    requireWithin(maxTtl, Duration.ofSeconds(1), Duration.ofDays(7), "max-key-ttl");
    requireWithin(maxStale, Duration.ZERO, Duration.ofDays(7), "max-stale");
    if (maxTtl.compareTo(minTtl) < 0) {
      throw new IllegalArgumentException(
          "token-broker.issuer.max-key-ttl must not be below min-key-ttl");
    }
  }

  static KeyTimes of(IssuerSettings settings) {
    return new KeyTimes(
        settings.keyCoolDown(), settings.minKeyTtl(), settings.maxKeyTtl(), settings.maxStale());
  }

  /** For how long an answer is fresh that claims to be so for that time; null for no claim. */
  Duration ttl(@Nullable Duration claimed) {
    if (claimed == null || claimed.compareTo(minTtl) < 0) {
      return minTtl;
    }
    return claimed.compareTo(maxTtl) > 0 ? maxTtl : claimed;
  }

  private static void requireWithin(Duration time, Duration least, Duration most, String setting) {
    if (time.compareTo(least) < 0 || time.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "token-broker.issuer.%s must be from %s to %s, not %s"
              .formatted(setting, least, most, time));
    }
  }
}
