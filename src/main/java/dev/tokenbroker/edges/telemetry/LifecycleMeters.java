package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver;
import dev.tokenbroker.evaluate.revocation.Right;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Meters of introspections and revocations. Results come from a small set. */
@Singleton
final class LifecycleMeters implements LifecycleObserver {

  private final MeterRegistry registry;
  private final Map<String, Counter> introspections = new ConcurrentHashMap<>();
  private final Map<String, Counter> revocations = new ConcurrentHashMap<>();

  LifecycleMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    introspections.computeIfAbsent("active", this::introspection);
    revocations.computeIfAbsent("revoked", this::revocation);
    // These start at zero, so that the first failure is an increase: alerts look at increases.
    introspections.computeIfAbsent(result(RefusalReason.INTERNAL_ERROR), this::introspection);
    revocations.computeIfAbsent(result(RefusalReason.INTERNAL_ERROR), this::revocation);
    revocations.computeIfAbsent(result(RefusalReason.REVOCATION_NOT_STORED), this::revocation);
  }

  @Override
  public void ended(Right right, String result) {
    switch (right) {
      case INTROSPECT -> introspections.computeIfAbsent(result, this::introspection).increment();
      case REVOKE -> revocations.computeIfAbsent(result, this::revocation).increment();
      case OPERATE -> {}
    }
  }

  private static String result(RefusalReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  private Counter introspection(String result) {
    return BrokerMeter.INTROSPECTIONS.counter().tag(MeterLabels.RESULT, result).register(registry);
  }

  private Counter revocation(String result) {
    return BrokerMeter.REVOCATIONS.counter().tag(MeterLabels.RESULT, result).register(registry);
  }
}
