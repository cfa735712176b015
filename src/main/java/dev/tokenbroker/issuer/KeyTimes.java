package dev.tokenbroker.issuer;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The times that govern fetched keys.
 *
 * @param coolDown the least time between two attempts
 * @param minTtl the shortest time for which keys are fresh
 * @param maxTtl the longest time for which keys are fresh
 * @param maxStale how long past their time they are served at most
 */
record KeyTimes(Duration coolDown, Duration minTtl, Duration maxTtl, Duration maxStale) {

  KeyTimes {
    requirePositive(coolDown, "key-cool-down");
    requirePositive(minTtl, "min-key-ttl");
    if (maxTtl.compareTo(minTtl) < 0) {
      throw new IllegalArgumentException(
          "token-broker.issuer.max-key-ttl must not be below min-key-ttl");
    }
    if (maxStale.isNegative()) {
      throw new IllegalArgumentException("token-broker.issuer.max-stale must not be negative");
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

  private static void requirePositive(Duration time, String setting) {
    if (!time.isPositive()) {
      throw new IllegalArgumentException("token-broker.issuer." + setting + " must be positive");
    }
  }
}
