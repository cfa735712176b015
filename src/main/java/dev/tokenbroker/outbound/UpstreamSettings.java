package dev.tokenbroker.outbound;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How this process calls others. */
@ConfigMapping(prefix = "token-broker.upstream")
public interface UpstreamSettings {

  /**
   * The longest a fetch may take as a whole: looking up, connecting, reading, redirects. From 100
   * ms to a minute.
   */
  @WithDefault("10s")
  Duration fetchTimeout();

  /** Whether plain http may be spoken to a loopback address; for development and tests only. */
  @WithDefault("false")
  boolean allowHttpToLoopback();
}
