package dev.tokenbroker.process.runtime;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the broker stops once it is asked to. */
@ConfigMapping(prefix = "token-broker.shutdown")
interface ShutdownSettings {

  /** How long it serves on, not ready, until load balancers have noticed; up to 1 h. */
  @WithDefault("2s")
  Duration delay();

  /** How long calls under way may take after that, while no more are admitted; up to 1 h. */
  @WithDefault("15s")
  Duration timeout();
}
