package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.peers.store.Replica;
import dev.tokenbroker.peers.store.Roster;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;

/**
 * A gauge for each replica that is up, by name and revision: the time since its last message. A
 * broker that shares nothing has none.
 */
@Singleton
final class ReplicaMeters {

  /** How many replicas have a gauge. */
  static final int MAX_REPLICAS = 32;

  private final Roster roster;
  private final MultiGauge silence;

  ReplicaMeters(MeterRegistry registry, Roster roster) {
    this.roster = roster;
    this.silence =
        MultiGauge.builder(BrokerMeter.REPLICA_SILENCE.id())
            .description(BrokerMeter.REPLICA_SILENCE.description())
            .baseUnit(BrokerMeter.REPLICA_SILENCE.unit())
            .register(registry);
  }

  /** Shows the replicas that are up now, and no other. */
  void follow() {
    silence.register(
        roster.isShared()
            ? roster.all().entrySet().stream()
                .limit(MAX_REPLICAS)
                .<MultiGauge.Row<?>>map(one -> row(one.getKey(), one.getValue()))
                .toList()
            : List.of(),
        true);
  }

  private static MultiGauge.Row<?> row(Replica replica, Duration silence) {
    return MultiGauge.Row.of(
        Tags.of(
            MeterLabels.REPLICA,
            replica.name(),
            MeterLabels.REVISION,
            Federation.shortened(replica.fact(Replica.REVISION))),
        silence.toMillis() / 1e3);
  }
}
