package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FlightMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicLong begun = new AtomicLong();
  private final AtomicLong joined = new AtomicLong();
  private final FlightMeters meters =
      new FlightMeters(registry, underWay::get, begun::get, joined::get);

  @Test
  void shows_how_many_callers_share_how_many_flights() {
    meters.register();
    underWay.set(3);
    begun.set(40);
    joined.set(1960);

    assertThat(registry.get(MeterNames.FLIGHTS_UNDER_WAY).gauge().value()).isEqualTo(3);
    assertThat(registry.get(MeterNames.FLIGHTS_BEGUN).functionCounter().count()).isEqualTo(40);
    assertThat(registry.get(MeterNames.FLIGHTS_JOINED).functionCounter().count()).isEqualTo(1960);
  }
}
