package dev.tokenbroker.peers.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.http.PeerSettings;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardSettingsTest {

  private static final String PREFIX = "token-broker.upstream.guard.";

  @Test
  void has_the_defaults_of_the_design() {
    GuardSettings settings = settings(Map.of());

    assertThat(settings.attemptTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.maxAttempts()).isEqualTo(3);
    assertThat(settings.concurrency()).isEqualTo(32);
    assertThat(settings.maxWait()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.retryBurst()).isEqualTo(5);
    assertThat(settings.retryRatio()).isEqualTo(0.1);
    assertThat(settings.coolDown()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.circuitFailures()).isEqualTo(5);
    assertThat(settings.probeInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.backOffBase()).isEqualTo(Duration.ofMillis(100));
    assertThat(settings.backOffCap()).isEqualTo(Duration.ofSeconds(2));
    assertThat(GuardLimits.unfit(settings)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "attempt-timeout,99ms 61s",
    "max-attempts,0 11",
    "concurrency,0 257",
    "max-wait,-1s 11s",
    "retry-burst,-1 1001",
    "retry-ratio,-0.1 1.1 NaN",
    "cool-down,0s 2h",
    "circuit-failures,0 1001",
    "probe-interval,99ms 2h",
    "back-off-base,0s",
    "back-off-cap,99ms 2m"
  })
  void names_a_value_that_makes_no_sense(String key, String values) {
    for (String value : values.split(" ", -1)) {
      assertThat(GuardLimits.unfit(settings(Map.of(PREFIX + key, value))))
          .singleElement()
          .satisfies(
              unfit -> {
                assertThat(unfit.setting()).isEqualTo(PREFIX + key);
                assertThat(unfit.problem()).startsWith("is ");
                assertThat(unfit.remedy()).startsWith("Set it to ");
              });
    }
  }

  private static GuardSettings settings(Map<String, String> values) {
    return new SmallRyeConfigBuilder()
        .withConverter(Duration.class, 200, new DurationConverter())
        .withMapping(PeerSettings.class)
        .withMapping(GuardSettings.class)
        .withSources(new PropertiesConfigSource(values, "test", 500))
        .build()
        .getConfigMapping(GuardSettings.class);
  }
}
