package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings for checking proofs of possession (DPoP, RFC 9449). */
@ConfigMapping(prefix = "token-broker.dpop")
public interface DpopSettings {

  /**
   * The URLs at which callers reach this broker, each without {@code /token} or the name of the
   * gRPC method. A proof must be made for one of them. If not set, it must be made for {@code
   * token-broker.token.issuer}.
   */
  Optional<List<String>> baseUrls();

  /** How old a proof may be; 1 s to 10 min. */
  @WithDefault("1m")
  Duration maxAge();

  /** How far the clock of a caller may be ahead of ours; 0 s to 1 min. */
  @WithDefault("10s")
  Duration leeway();

  /**
   * How many proofs are remembered, so that none is accepted twice. When full, proofs are refused
   * until the oldest have expired. 1000 to 10000000.
   */
  @WithDefault("200000")
  int maxRemembered();

  /** Whether a proof must contain a nonce of the broker. */
  @WithDefault("false")
  boolean nonceRequired();

  /** How often a new nonce is issued; each is accepted for at least that long. 10 s to 1 h. */
  @WithDefault("5m")
  Duration noncePeriod();

  /**
   * A file of 32 to 4096 bytes from which nonces are derived, shared by all replicas. Without it,
   * each process accepts only its own nonces.
   */
  Optional<Path> nonceSecretFile();

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(DpopSettings settings) {
    Optional<String> nonces = Nonces.problem(settings);
    return new SettingLimits("token-broker.dpop.")
        .within("max-age", settings.maxAge(), Duration.ofSeconds(1), Duration.ofMinutes(10))
        .within("leeway", settings.leeway(), Duration.ZERO, Duration.ofMinutes(1))
        .within("max-remembered", settings.maxRemembered(), 1_000, 10_000_000)
        .within("nonce-period", settings.noncePeriod(), Duration.ofSeconds(10), Duration.ofHours(1))
        .demand(
            nonces.isEmpty(),
            "nonce-secret-file",
            nonces.orElse("") + ".",
            "Name a readable file of 32 to 4096 bytes, the same on all replicas.")
        .unfit();
  }
}
