package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** Settings of the exchange itself. */
@ConfigMapping(prefix = "token-broker.exchange")
public interface ExchangeSettings {

  /**
   * How long an exchange may take if the caller sets no deadline; also the most that a caller can
   * ask for.
   */
  @WithDefault("10s")
  Duration maxDuration();

  /**
   * How many verdicts are kept for operators. A sixteenth as many are kept of requests that were
   * refused unjudged.
   */
  @WithDefault("10000")
  int maxVerdicts();

  /** How long a verdict is kept for operators. */
  @WithDefault("1h")
  Duration verdictTtl();

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(ExchangeSettings settings) {
    return new SettingLimits("token-broker.exchange.")
        .within(
            "max-duration", settings.maxDuration(), Duration.ofMillis(100), Duration.ofMinutes(1))
        .within("max-verdicts", settings.maxVerdicts(), 0, 1_000_000)
        .within("verdict-ttl", settings.verdictTtl(), Duration.ofSeconds(1), Duration.ofHours(24))
        .unfit();
  }
}
