package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of the list of revoked tokens. */
@ConfigMapping(prefix = "token-broker.revocation")
public interface RevocationSettings {

  /** From how many kept tokens on no further one is revoked here; each is kept until it expires. */
  @WithDefault("100000")
  int maxTokens();

  /**
   * A file that keeps revocations over a restart, for this process alone. Without one, and without
   * a shared store, a restart forgets them.
   */
  Optional<Path> path();

  /**
   * For how long this replica may have heard nothing of the shared store's revocations and still
   * call a token active; 1 s to 1 min. Without a shared store it has no effect.
   */
  @WithDefault("2s")
  Duration maxSilence();

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(RevocationSettings settings) {
    return new SettingLimits("token-broker.revocation.")
        .within("max-tokens", settings.maxTokens(), 1, 1_000_000)
        .within("max-silence", settings.maxSilence(), Duration.ofSeconds(1), Duration.ofMinutes(1))
        .unfit();
  }
}
