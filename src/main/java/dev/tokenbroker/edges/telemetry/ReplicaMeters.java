package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.peers.store.Roster;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.IntSupplier;

/** Gauge of the replicas that are up. */
@Singleton
final class ReplicaMeters {

  private final MeterRegistry registry;
  private final IntSupplier up;

  @Inject
  ReplicaMeters(MeterRegistry registry, Roster roster) {
    this(registry, roster::size);
  }

  ReplicaMeters(MeterRegistry registry, IntSupplier up) {
    this.registry = registry;
    this.up = up;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    StateMeter.<IntSupplier>gauge(BrokerMeter.REPLICAS, IntSupplier::getAsInt)
        .register(registry, () -> up);
  }
}
