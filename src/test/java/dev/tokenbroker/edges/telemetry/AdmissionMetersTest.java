package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.admission.Admission.AdmissionStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AdmissionMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicReference<AdmissionStatus> admission =
      new AtomicReference<>(new AdmissionStatus(false, 4096, 0, 0, 0, 0, 0, 0, 0, 0));

  @Test
  void shows_how_admission_stands_at_the_moment_of_the_scrape() {
    new StateMeters(registry).register(StateMeters.ADMISSION, admission::get);
    assertThat(gauge(BrokerMeter.ADMISSION_OVERLOADED.id())).isZero();
    admission.set(new AdmissionStatus(true, 64, 12, 30, 1000, 1, 2, 3, 4, 5));

    assertThat(gauge(BrokerMeter.ADMISSION_OVERLOADED.id())).isEqualTo(1);
    assertThat(gauge(BrokerMeter.ADMISSION_LIMIT.id())).isEqualTo(64);
    assertThat(gauge(BrokerMeter.ADMISSION_WAITING.id())).isEqualTo(12);
    assertThat(gauge(BrokerMeter.ADMISSION_IN_FLIGHT.id())).isEqualTo(30);
    assertThat(registry.get(BrokerMeter.ADMISSION_ADMITTED.id()).functionCounter().count())
        .isEqualTo(1000);
  }

  @Test
  void tells_why_evaluations_were_sent_away() {
    new StateMeters(registry).register(StateMeters.ADMISSION, admission::get);
    admission.set(new AdmissionStatus(true, 64, 12, 30, 1000, 1, 2, 3, 4, 5));

    assertThat(refused("waiting")).isEqualTo(1);
    assertThat(refused("in_flight")).isEqualTo(2);
    assertThat(refused("late")).isEqualTo(3);
    assertThat(refused("credential")).isEqualTo(4);
    assertThat(refused("expired")).isEqualTo(5);
  }

  private double gauge(String meter) {
    return registry.get(meter).gauge().value();
  }

  private double refused(String why) {
    return registry
        .get(BrokerMeter.ADMISSION_REFUSED.id())
        .tag("why", why)
        .functionCounter()
        .count();
  }
}
