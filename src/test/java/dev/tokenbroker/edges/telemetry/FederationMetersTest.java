package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.FederationStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class FederationMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final FederationMeters meters = new FederationMeters(registry);

  @Test
  void shows_no_revision_before_one_is_loaded() {
    meters.follow(new FederationStatus(null, null, null, List.of(), 0, 0));
    assertThat(registry.find(BrokerMeter.FEDERATION_INFO.id()).gauges()).isEmpty();
    assertThat(gauge(BrokerMeter.FEDERATION_LOADED_TIME.id())).isNaN();
  }

  @Test
  void shows_only_the_revision_in_force() {
    meters.follow(status("a", 0, 1, 0));
    meters.follow(status("b", 0, 2, 0));

    assertThat(registry.get(BrokerMeter.FEDERATION_INFO.id()).gauges())
        .singleElement()
        .satisfies(
            gauge -> {
              assertThat(gauge.getId().getTag("revision")).isEqualTo("b".repeat(12));
              assertThat(gauge.value()).isEqualTo(1);
            });
  }

  @Test
  void shows_the_problems_of_a_document_that_was_refused() {
    meters.follow(status("a", 3, 1, 4));

    assertThat(gauge(BrokerMeter.FEDERATION_PROBLEMS.id())).isEqualTo(3);
    assertThat(gauge(BrokerMeter.FEDERATION_LOADED_TIME.id()))
        .isEqualTo(Records.TIME.toEpochMilli() / 1e3);
    assertThat(registry.get(BrokerMeter.FEDERATION_RELOADS.id()).functionCounter().count())
        .isEqualTo(1);
    assertThat(registry.get(BrokerMeter.FEDERATION_FAILURES.id()).functionCounter().count())
        .isEqualTo(4);
  }

  private static FederationStatus status(String digit, int problems, long reloads, long failures) {
    return new FederationStatus(
        digit.repeat(64),
        Records.TIME,
        Records.TIME,
        Collections.nCopies(problems, new Problem("federation.yaml", 1, "wrong", "Mend it.")),
        reloads,
        failures);
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }
}
