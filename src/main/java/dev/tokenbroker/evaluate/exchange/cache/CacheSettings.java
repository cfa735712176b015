package dev.tokenbroker.evaluate.exchange.cache;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** Settings of the cache of issued tokens. */
@ConfigMapping(prefix = "token-broker.cache")
public interface CacheSettings {

  /** Whether tokens are cached at all. If not, each request is judged anew. */
  @WithDefault("true")
  boolean enabled();

  /** The most that the cache holds, in bytes: the tokens and what belongs to them; 64 MiB. */
  @WithDefault("67108864")
  long maxWeight();

  /**
   * How long the definite refusal of an upstream is repeated without another call; drawn between
   * half of that and all of it. {@code 0s} for not at all.
   */
  @WithDefault("10s")
  Duration negativeTtl();

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(CacheSettings settings) {
    return new SettingLimits("token-broker.cache.")
        .within("max-weight", settings.maxWeight(), 1L << 20, 1L << 34)
        .within("negative-ttl", settings.negativeTtl(), Duration.ZERO, Duration.ofMinutes(1))
        .unfit();
  }
}
