package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.BrokerMeter.INTROSPECTIONS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.REVOCATIONS;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver;
import dev.tokenbroker.evaluate.revocation.Right;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.Locale;

/** Meters of introspections and revocations. Results come from a small set. */
@Singleton
final class LifecycleMeters implements LifecycleObserver {

  private final MeterRegistry registry;

  LifecycleMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    counter(INTROSPECTIONS, "active");
    counter(REVOCATIONS, "revoked");
    // These start at zero, so that the first failure is an increase: alerts look at increases.
    counter(INTROSPECTIONS, result(RefusalReason.INTERNAL_ERROR));
    counter(REVOCATIONS, result(RefusalReason.INTERNAL_ERROR));
    counter(REVOCATIONS, result(RefusalReason.REVOCATION_NOT_STORED));
  }

  @Override
  public void ended(Right right, String result) {
    switch (right) {
      case INTROSPECT -> counter(INTROSPECTIONS, result).increment();
      case REVOKE -> counter(REVOCATIONS, result).increment();
      case OPERATE -> {}
    }
  }

  private static String result(RefusalReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  /** The counter of that result; the registry has one of each. */
  private Counter counter(BrokerMeter meter, String result) {
    return meter.counter().tag(MeterLabels.RESULT, result).register(registry);
  }
}
