package dev.tokenbroker.edges.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.inject.Singleton;

/**
 * Removes the meters of this broker from the registry when it ends. The registry outlives the
 * broker if the next one starts in the same JVM, as in dev mode and in tests. It keeps an existing
 * meter of a name, which reads the ended broker, or nothing once that is garbage-collected.
 */
@Singleton
final class MeterRemoval {

  /** Runs after everything that registers meters has stopped. */
  private static final int LAST = Integer.MAX_VALUE;

  private final MeterRegistry registry;

  MeterRemoval(MeterRegistry registry) {
    this.registry = registry;
  }

  void stop(@Observes @Priority(LAST) Shutdown event) {
    remove();
  }

  void remove() {
    registry.getMeters().stream()
        .filter(meter -> meter.getId().getName().startsWith(BrokerMeter.PREFIX))
        .forEach(registry::remove);
  }
}
