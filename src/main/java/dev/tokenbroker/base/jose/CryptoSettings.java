package dev.tokenbroker.base.jose;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings that choose the provider of signatures. */
@ConfigMapping(prefix = "token-broker.crypto")
public interface CryptoSettings {

  /**
   * {@code auto} uses AWS-LC where its library loads, else the JDK. {@code jdk} uses the JDK and
   * does not try to load that library.
   */
  @WithDefault("auto")
  ProviderChoice provider();

  /** The values of the setting. */
  enum ProviderChoice {
    AUTO,
    JDK
  }
}
