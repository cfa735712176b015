package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** How the broker stops once it is asked to. */
@ConfigMapping(prefix = "token-broker.shutdown")
interface ShutdownSettings {

  /** How long it serves on, not ready, until load balancers have noticed; up to 1 h. */
  @WithDefault("2s")
  Duration delay();

  /** How long calls under way may take after that, while no more are admitted; up to 1 h. */
  @WithDefault("15s")
  Duration timeout();

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(ShutdownSettings settings) {
    return new SettingLimits("token-broker.shutdown.")
        .within("delay", settings.delay(), Duration.ZERO, Duration.ofHours(1))
        .within("timeout", settings.timeout(), Duration.ZERO, Duration.ofHours(1))
        .unfit();
  }
}
