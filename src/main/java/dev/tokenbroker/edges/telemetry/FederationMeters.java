package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.StateMeter.counter;
import static dev.tokenbroker.edges.telemetry.StateMeter.gauge;

import dev.tokenbroker.evaluate.federation.FederationStatus;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;

/** Meters of the federation: the revision in force, and the document on disk. */
@Singleton
final class FederationMeters {

  private static final List<StateMeter<FederationStatus>> METERS =
      List.of(
          gauge(BrokerMeter.FEDERATION_LOADED_TIME, FederationMeters::loadedTime),
          gauge(BrokerMeter.FEDERATION_PROBLEMS, status -> status.problems().size()),
          counter(BrokerMeter.FEDERATION_RELOADS, FederationStatus::reloads),
          counter(BrokerMeter.FEDERATION_FAILURES, FederationStatus::failures));

  private final RevisionMeter info;
  private volatile FederationStatus status =
      new FederationStatus(null, null, null, List.of(), 0, 0);

  FederationMeters(MeterRegistry registry) {
    this.info = new RevisionMeter(registry, BrokerMeter.FEDERATION_INFO);
    METERS.forEach(meter -> meter.register(registry, () -> status));
  }

  /** Shows this status from now on. */
  void follow(FederationStatus now) {
    status = now;
    info.follow(now.revision());
  }

  private static double loadedTime(FederationStatus status) {
    Instant loadedAt = status.loadedAt();
    return loadedAt == null ? Double.NaN : loadedAt.toEpochMilli() / 1e3;
  }
}
