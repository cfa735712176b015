package dev.tokenbroker.telemetry;

import io.smallrye.config.SmallRyeConfigBuilder;

/** Settings as they are where nobody sets anything. */
public final class Settings {

  private Settings() {}

  public static <T> T defaults(Class<T> mapping) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(mapping)
        .build()
        .getConfigMapping(mapping);
  }
}
