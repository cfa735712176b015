package dev.tokenbroker.upstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Which values of {@link GuardSettings} make sense. */
public final class GuardLimits {

  static final int MAX_CONCURRENCY = 256;

  private static final String PREFIX = "token-broker.upstream.guard.";
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  /**
   * A setting that makes no sense.
   *
   * @param key its whole name
   * @param is what is wrong, as the rest of a sentence that begins with the key
   * @param remedy what to do, as a sentence
   */
  public record Broken(String key, String is, String remedy) {}

  private final List<Broken> broken = new ArrayList<>();

  private GuardLimits() {}

  /** What is wrong with these settings; empty where nothing. */
  public static List<Broken> broken(GuardSettings settings) {
    GuardLimits limits = new GuardLimits();
    limits.within("attempt-timeout", settings.attemptTimeout(), SHORT, MINUTE);
    limits.within("max-attempts", settings.maxAttempts(), 1, 10);
    limits.within("concurrency", settings.concurrency(), 1, MAX_CONCURRENCY);
    limits.within("max-wait", settings.maxWait(), Duration.ZERO, Duration.ofSeconds(10));
    limits.within("retry-burst", settings.retryBurst(), 0, 1000);
    limits.within("retry-ratio", settings.retryRatio(), 0, 1);
    limits.within("cool-down", settings.coolDown(), SHORT, HOUR);
    limits.within("circuit-failures", settings.circuitFailures(), 1, 1000);
    limits.within("probe-interval", settings.probeInterval(), SHORT, HOUR);
    limits.within("back-off-base", settings.backOffBase(), Duration.ofMillis(1), MINUTE);
    limits.within("back-off-cap", settings.backOffCap(), settings.backOffBase(), MINUTE);
    return List.copyOf(limits.broken);
  }

  /** Refuses settings that make no sense. */
  static void require(GuardSettings settings) {
    List<Broken> broken = broken(settings);
    if (!broken.isEmpty()) {
      Broken first = broken.getFirst();
      throw new IllegalArgumentException(first.key() + " " + first.is() + " " + first.remedy());
    }
  }

  private void within(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      add(key, value, least, most);
    }
  }

  private void within(String key, double value, int least, int most) {
    // Written so that NaN is refused, too.
    if (!(value >= least && value <= most)) {
      add(key, value, least, most);
    }
  }

  private void add(String key, Object value, Object least, Object most) {
    broken.add(
        new Broken(
            PREFIX + key,
            "is " + value + ".",
            "Set it to " + least + " at least and " + most + " at most."));
  }
}
