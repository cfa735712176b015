package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.admission.Admission.AdmissionStatus;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class MeterRemovalTest {

  private final SimpleMeterRegistry shown = new SimpleMeterRegistry();
  private final CompositeMeterRegistry registry = new CompositeMeterRegistry().add(shown);

  @Test
  void has_the_next_broker_of_the_same_jvm_show_its_own_figures() {
    showAdmission(1);
    assertThat(limit()).isEqualTo(1);

    new MeterRemoval(registry).remove();
    assertThat(registry.getMeters()).isEmpty();
    assertThat(shown.getMeters()).isEmpty();

    showAdmission(2);
    assertThat(limit()).isEqualTo(2);
  }

  @Test
  void leaves_the_meters_of_others() {
    registry.counter("jvm.threads.started");
    registry.counter(BrokerMeter.REFUSALS.id());

    new MeterRemoval(registry).remove();

    assertThat(shown.getMeters())
        .extracting(Meter::getId)
        .extracting(Meter.Id::getName)
        .containsExactly("jvm.threads.started");
  }

  private void showAdmission(int limit) {
    new StateMeters(registry)
        .register(
            StateMeters.ADMISSION, () -> new AdmissionStatus(false, limit, 0, 0, 0, 0, 0, 0, 0, 0));
  }

  private double limit() {
    return shown.get(BrokerMeter.ADMISSION_LIMIT.id()).gauge().value();
  }
}
