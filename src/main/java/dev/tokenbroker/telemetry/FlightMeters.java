package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.EvaluationThreads;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** Meters of shared evaluations, and of the callers that share them. */
@Singleton
final class FlightMeters {

  private final MeterRegistry registry;
  private final IntSupplier underWay;
  private final LongSupplier begun;
  private final LongSupplier joined;

  @Inject
  FlightMeters(MeterRegistry registry, EvaluationThreads evaluations) {
    this(registry, evaluations::underWay, evaluations::begun, evaluations::joined);
  }

  FlightMeters(
      MeterRegistry registry, IntSupplier underWay, LongSupplier begun, LongSupplier joined) {
    this.registry = registry;
    this.underWay = underWay;
    this.begun = begun;
    this.joined = joined;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    Gauge.builder(MeterNames.FLIGHTS_UNDER_WAY, this, at -> at.underWay.getAsInt())
        .description("Shared evaluations under way")
        .register(registry);
    FunctionCounter.builder(MeterNames.FLIGHTS_BEGUN, this, at -> at.begun.getAsLong())
        .description("Shared evaluations begun")
        .register(registry);
    FunctionCounter.builder(MeterNames.FLIGHTS_JOINED, this, at -> at.joined.getAsLong())
        .description("Callers who were spared an evaluation of their own")
        .register(registry);
  }
}
