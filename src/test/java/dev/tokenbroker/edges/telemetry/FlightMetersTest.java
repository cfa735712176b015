package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.EvaluationThreads.FlightsStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class FlightMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicReference<FlightsStatus> flights =
      new AtomicReference<>(new FlightsStatus(0, 0, 0));

  @Test
  void shows_how_many_callers_share_how_many_flights() {
    new StateMeters(registry).register(StateMeters.FLIGHTS, flights::get);
    flights.set(new FlightsStatus(3, 40, 1960));

    assertThat(registry.get(BrokerMeter.FLIGHTS_UNDER_WAY.id()).gauge().value()).isEqualTo(3);
    assertThat(registry.get(BrokerMeter.FLIGHTS_BEGUN.id()).functionCounter().count())
        .isEqualTo(40);
    assertThat(registry.get(BrokerMeter.FLIGHTS_JOINED.id()).functionCounter().count())
        .isEqualTo(1960);
  }
}
