package dev.tokenbroker.peers.guard;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.peers.http.HttpClients;
import java.time.Duration;
import java.util.List;

/** The valid ranges of {@link GuardSettings}. */
public final class GuardLimits {

  static final int MAX_CONCURRENCY = HttpClients.MAX_FORM_CONNECTIONS_PER_HOST;

  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private GuardLimits() {}

  /** The settings that are out of range; empty where none is. */
  public static List<UnfitSetting> unfit(GuardSettings settings) {
    return limits(settings).unfit();
  }

  /** Refuses settings that are out of range. */
  static void require(GuardSettings settings) {
    limits(settings).require();
  }

  private static SettingLimits limits(GuardSettings settings) {
    return new SettingLimits("token-broker.upstream.guard.")
        .within("attempt-timeout", settings.attemptTimeout(), SHORT, MINUTE)
        .within("max-attempts", settings.maxAttempts(), 1, 10)
        .within("concurrency", settings.concurrency(), 1, MAX_CONCURRENCY)
        .within("max-wait", settings.maxWait(), Duration.ZERO, Duration.ofSeconds(10))
        .within("retry-burst", settings.retryBurst(), 0, 1000)
        .within("retry-ratio", settings.retryRatio(), 0.0, 1.0)
        .within("cool-down", settings.coolDown(), SHORT, HOUR)
        .within("circuit-failures", settings.circuitFailures(), 1, 1000)
        .within("probe-interval", settings.probeInterval(), SHORT, HOUR)
        .within("back-off-base", settings.backOffBase(), Duration.ofMillis(1), MINUTE)
        .within("back-off-cap", settings.backOffCap(), settings.backOffBase(), MINUTE)
        .within("max-retry-after", settings.maxRetryAfter(), Duration.ofSeconds(1), HOUR);
  }
}
