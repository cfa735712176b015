package dev.tokenbroker.edges.telemetry;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.List;
import java.util.Map;

/** Settings as the broker reads them. */
public final class Settings {

  private Settings() {}

  /** Settings as they are where nobody sets anything. */
  public static <T> T defaults(Class<T> mapping) {
    return of(mapping, Map.of());
  }

  /** Settings where these values are set. */
  public static <T> T of(Class<T> mapping, Map<String, String> values) {
    return config(values, mapping).getConfigMapping(mapping);
  }

  /** A configuration of these values with these groups of settings. */
  public static SmallRyeConfig config(Map<String, String> values, Class<?>... mappings) {
    SmallRyeConfigBuilder builder =
        new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withSources(new PropertiesConfigSource(values, "test", 500));
    List.of(mappings).forEach(builder::withMapping);
    return builder.build();
  }
}
