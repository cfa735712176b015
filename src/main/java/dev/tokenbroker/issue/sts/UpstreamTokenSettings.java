package dev.tokenbroker.issue.sts;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits for the tokens that upstreams issue. */
@ConfigMapping(prefix = "token-broker.upstream")
public interface UpstreamTokenSettings {

  /**
   * The longest life of an upstream's token; a token with a longer life is refused. 1 s to 365 d.
   */
  @WithDefault("24h")
  Duration maxTokenLifetime();
}
