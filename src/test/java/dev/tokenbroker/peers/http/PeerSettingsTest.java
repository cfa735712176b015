package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerSettingsTest {

  @Test
  void has_the_defaults_of_the_design() {
    PeerSettings settings =
        new SmallRyeConfigBuilder()
            .withConverter(Duration.class, 200, new DurationConverter())
            .withMapping(PeerSettings.class)
            .build()
            .getConfigMapping(PeerSettings.class);

    assertThat(settings.fetchTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.allowHttpToLoopback()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT0.099999999S", "PT60.000000001S"})
  void refuses_a_timeout_that_makes_no_sense(Duration timeout) {
    Vertx vertx = Vertx.vertx();
    try {
      assertThatThrownBy(() -> PeerClients.loopback(vertx, timeout))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token-broker.upstream.fetch-timeout");
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }
}
