package dev.tokenbroker.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.inject.Singleton;

/**
 * Takes the meters of this broker out of the registry when it ends. The registry outlives it where
 * the next one starts in the same JVM, as in dev mode and in tests, and keeps the meter that it had
 * of a name: one that reads the broker that has ended, or nothing once its memory is gone.
 */
@Singleton
final class MeterRemoval {

  /** After whatever registers meters while the broker runs has stopped. */
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
        .filter(meter -> meter.getId().getName().startsWith(MeterNames.PREFIX))
        .forEach(registry::remove);
  }
}
