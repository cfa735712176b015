package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.evaluate.federation.FederationStatus;
import dev.tokenbroker.evaluate.federation.document.Federation;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;

/** Meters of the federation: the revision in force, and the document on disk. */
@Singleton
final class FederationMeters {

  private final MultiGauge info;
  private volatile FederationStatus status =
      new FederationStatus(null, null, null, List.of(), 0, 0);

  FederationMeters(MeterRegistry registry) {
    this.info =
        MultiGauge.builder(MeterNames.FEDERATION_INFO)
            .description("1 for the revision in force; no other is present")
            .register(registry);
    Gauge.builder(MeterNames.FEDERATION_LOADED_TIME, this, FederationMeters::loadedTime)
        .description("When the revision in force was loaded; NaN while there is none")
        .baseUnit(MeterNames.SECONDS)
        .register(registry);
    Gauge.builder(MeterNames.FEDERATION_PROBLEMS, this, meters -> meters.status.problems().size())
        .description("Problems of the document on disk; 0 where it is in force")
        .register(registry);
    FunctionCounter.builder(MeterNames.FEDERATION_RELOADS, this, meters -> meters.status.reloads())
        .description("Documents read and put in force")
        .register(registry);
    FunctionCounter.builder(
            MeterNames.FEDERATION_FAILURES, this, meters -> meters.status.failures())
        .description("Documents read and refused")
        .register(registry);
  }

  /** Shows this status from now on. */
  void follow(FederationStatus now) {
    status = now;
    String revision = now.revision();
    info.register(
        revision == null
            ? List.of()
            : List.of(
                MultiGauge.Row.of(
                    Tags.of(MeterLabels.REVISION, Federation.shortened(revision)), 1)));
  }

  private double loadedTime() {
    Instant loadedAt = status.loadedAt();
    return loadedAt == null ? Double.NaN : loadedAt.toEpochMilli() / 1e3;
  }
}
