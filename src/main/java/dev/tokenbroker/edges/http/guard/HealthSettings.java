package dev.tokenbroker.edges.http.guard;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Where the broker reports its health besides the management port. */
@ConfigMapping(prefix = "token-broker.health")
interface HealthSettings {

  /** Whether the HTTP port serves {@code /q/health/live}, {@code ready} and {@code started}. */
  @WithDefault("true")
  boolean onHttpPort();
}
