package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** Limits for the tokens that upstreams issue. */
@ConfigMapping(prefix = "token-broker.upstream")
public interface UpstreamTokenSettings {

  /**
   * The longest life of an upstream's token; a token with a longer life is refused. 1 s to 365 d.
   */
  @WithDefault("24h")
  Duration maxTokenLifetime();

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(UpstreamTokenSettings settings) {
    return new SettingLimits("token-broker.upstream.")
        .within(
            "max-token-lifetime",
            settings.maxTokenLifetime(),
            Duration.ofSeconds(1),
            Duration.ofDays(365))
        .unfit();
  }
}
