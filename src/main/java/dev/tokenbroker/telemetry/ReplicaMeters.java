package dev.tokenbroker.telemetry;

import dev.tokenbroker.store.ComparedFact;
import dev.tokenbroker.store.ReplicaDifferences;
import dev.tokenbroker.store.Roster;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.IntSupplier;
import java.util.function.ToLongFunction;

/** Gauges of the replicas that are up, and of those that differ from the others, by fact. */
@Singleton
final class ReplicaMeters {

  private final MeterRegistry registry;
  private final IntSupplier up;
  private final ToLongFunction<ComparedFact> differing;

  @Inject
  ReplicaMeters(MeterRegistry registry, Roster roster, ReplicaDifferences differences) {
    this(registry, roster::size, differences::replicas);
  }

  ReplicaMeters(MeterRegistry registry, IntSupplier up, ToLongFunction<ComparedFact> differing) {
    this.registry = registry;
    this.up = up;
    this.differing = differing;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    Figure.<IntSupplier>gauge(
            MeterNames.REPLICAS,
            "Replicas with the same store that are up, this one included",
            IntSupplier::getAsInt)
        .register(registry, () -> up);
    for (ComparedFact fact : ComparedFact.values()) {
      Figure.<ToLongFunction<ComparedFact>>gauge(
              MeterNames.REPLICAS_DIFFERING,
              "Replicas that differ from most of the others for longer than the settling time",
              replicas -> replicas.applyAsLong(fact))
          .with(MeterLabels.FACT, fact.label())
          .register(registry, () -> differing);
    }
  }
}
