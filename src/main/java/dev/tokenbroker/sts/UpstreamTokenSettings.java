package dev.tokenbroker.sts;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is believed of the tokens that upstreams hand out. */
@ConfigMapping(prefix = "token-broker.upstream")
public interface UpstreamTokenSettings {

  /**
   * The longest life of an upstream's token; one that claims to live longer is refused. 1 s to 365
   * d.
   */
  @WithDefault("24h")
  Duration maxTokenLifetime();
}
