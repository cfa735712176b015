package dev.tokenbroker.judge.issuer;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings for fetching the keys of issuers and for their lifetime. */
@ConfigMapping(prefix = "token-broker.issuer")
public interface IssuerSettings {

  /** The least time between two attempts to fetch the keys of one issuer; 100 ms to 1 h. */
  @WithDefault("30s")
  Duration keyCoolDown();

  /**
   * The shortest time for which keys are fresh, whatever the issuer's Cache-Control says; 1 s to 1
   * d.
   */
  @WithDefault("5m")
  Duration minKeyTtl();

  /**
   * The longest time for which keys are fresh, whatever the issuer's Cache-Control says; from the
   * shortest to 7 d.
   */
  @WithDefault("1h")
  Duration maxKeyTtl();

  /** How long keys past that time are still served while no fetch succeeds; 0 to 7 d. */
  @WithDefault("1h")
  Duration maxStale();
}
