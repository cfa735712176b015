package dev.tokenbroker.judge.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.telemetry.Settings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IssuerSettingsTest {

  @Test
  void has_the_defaults_of_the_design() {
    IssuerSettings settings = Settings.defaults(IssuerSettings.class);

    assertThat(settings.keyCoolDown()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.minKeyTtl()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.maxKeyTtl()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.maxStale()).isEqualTo(Duration.ofHours(1));
    assertThat(KeyTimes.of(settings).ttl(null)).isEqualTo(Duration.ofMinutes(5));
  }
}
