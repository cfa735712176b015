package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The times that govern fetched keys.
 *
 * @param coolDown the least time between two attempts; 100 ms to 1 h
 * @param minTtl the shortest time for which keys are fresh; 1 s to 1 d
 * @param maxTtl the longest time for which keys are fresh; at least {@code minTtl}, to 7 d
 * @param maxStale the longest time for which stale keys are served; 0 to 7 d
 */
public record KeyTimes(Duration coolDown, Duration minTtl, Duration maxTtl, Duration maxStale) {

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration WEEK = Duration.ofDays(7);

  /** Refuses times that are out of range. */
  public KeyTimes {
    limits(coolDown, minTtl, maxTtl, maxStale).require();
  }

  /** The settings that are out of range; empty where none is. */
  public static List<UnfitSetting> unfit(IssuerSettings settings) {
    return limits(
            settings.keyCoolDown(), settings.minKeyTtl(), settings.maxKeyTtl(), settings.maxStale())
        .unfit();
  }

  static KeyTimes of(IssuerSettings settings) {
    return new KeyTimes(
        settings.keyCoolDown(), settings.minKeyTtl(), settings.maxKeyTtl(), settings.maxStale());
  }

  /** How long a response is fresh, given the time that it claims; null for no claim. */
  Duration ttl(@Nullable Duration claimed) {
    if (claimed == null || claimed.compareTo(minTtl) < 0) {
      return minTtl;
    }
    return claimed.compareTo(maxTtl) > 0 ? maxTtl : claimed;
  }

  /**
   * How long no fetch is made after a {@code Retry-After}: at most the shortest ttl, so that one
   * response cannot stop fetches for hours. The cool-down applies all the same.
   */
  Duration hold(Duration retryAfter) {
    return retryAfter.compareTo(minTtl) > 0 ? minTtl : retryAfter;
  }

  private static SettingLimits limits(
      Duration coolDown, Duration minTtl, Duration maxTtl, Duration maxStale) {
    return new SettingLimits("token-broker.issuer.")
        .within("key-cool-down", coolDown, Duration.ofMillis(100), Duration.ofHours(1))
        .within("min-key-ttl", minTtl, Duration.ofSeconds(1), DAY)
        .within("max-key-ttl", maxTtl, minTtl, WEEK)
        .within("max-stale", maxStale, Duration.ZERO, WEEK);
  }
}
