package dev.tokenbroker.jose;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Who makes and checks signatures. */
@ConfigMapping(prefix = "token-broker.crypto")
public interface CryptoSettings {

  /**
   * {@code auto} for AWS-LC where its library loads and else the JDK, {@code jdk} for the JDK
   * without any attempt to load that library.
   */
  @WithDefault("auto")
  Choice provider();

  /** What can be asked for. */
  enum Choice {
    AUTO,
    JDK
  }
}
