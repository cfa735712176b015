package dev.tokenbroker.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class UpstreamSettingsTest {

  @Test
  void has_the_defaults_of_the_design() {
    UpstreamSettings settings =
        new SmallRyeConfigBuilder()
            .withConverter(Duration.class, 200, new DurationConverter())
            .withMapping(UpstreamSettings.class)
            .build()
            .getConfigMapping(UpstreamSettings.class);

    assertThat(settings.fetchTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.allowHttpToLoopback()).isFalse();
  }
}
