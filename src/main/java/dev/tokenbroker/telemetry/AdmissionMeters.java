package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.Admission;
import dev.tokenbroker.exchange.AdmissionStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Meters of admission: evaluations admitted, waiting and refused. A scrape reads the values. */
@Singleton
final class AdmissionMeters {

  private static final Map<String, ToDoubleFunction<AdmissionStatus>> REFUSED =
      Map.of(
          "waiting", AdmissionStatus::refusedWaiting,
          "in_flight", AdmissionStatus::refusedInFlight,
          "late", AdmissionStatus::refusedLate,
          "credential", AdmissionStatus::refusedCredential,
          "expired", AdmissionStatus::expired);

  private final MeterRegistry registry;
  private final Supplier<AdmissionStatus> admission;

  @Inject
  AdmissionMeters(MeterRegistry registry, Admission admission) {
    this(registry, admission::status);
  }

  AdmissionMeters(MeterRegistry registry, Supplier<AdmissionStatus> admission) {
    this.registry = registry;
    this.admission = admission;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    gauge(
        MeterNames.ADMISSION_LIMIT,
        "Evaluations that may wait for a processor",
        AdmissionStatus::limit);
    gauge(
        MeterNames.ADMISSION_WAITING,
        "Evaluations that wait for a processor",
        AdmissionStatus::waiting);
    gauge(
        MeterNames.ADMISSION_IN_FLIGHT,
        "Evaluations that were let in and have not ended",
        AdmissionStatus::inFlight);
    gauge(
        MeterNames.ADMISSION_OVERLOADED,
        "1 while evaluations wait for longer than they ought to, else 0",
        status -> status.overloaded() ? 1 : 0);
    counter(
            MeterNames.ADMISSION_ADMITTED,
            "Evaluations and checks of proofs begun",
            AdmissionStatus::admitted)
        .register(registry);
    REFUSED.forEach(
        (why, value) ->
            counter(MeterNames.ADMISSION_REFUSED, "Evaluations refused by admission", value)
                .tag(MeterNames.WHY, why)
                .register(registry));
  }

  private void gauge(String meter, String description, ToDoubleFunction<AdmissionStatus> value) {
    Gauge.builder(meter, this, at -> value.applyAsDouble(at.admission.get()))
        .description(description)
        .register(registry);
  }

  private FunctionCounter.Builder<AdmissionMeters> counter(
      String meter, String description, ToDoubleFunction<AdmissionStatus> value) {
    return FunctionCounter.builder(meter, this, at -> value.applyAsDouble(at.admission.get()))
        .description(description);
  }
}
