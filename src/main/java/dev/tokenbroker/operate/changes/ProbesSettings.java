package dev.tokenbroker.operate.changes;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings for the probes of issuers and upstreams. */
@ConfigMapping(prefix = "token-broker.probes")
public interface ProbesSettings {

  /**
   * How long an issuer or an upstream may go without a call before the broker probes it: from 10 s
   * to 1 h, or {@code off}.
   */
  @WithDefault("5m")
  @WithConverter(ProbeTimeConverter.class)
  Duration every();
}
