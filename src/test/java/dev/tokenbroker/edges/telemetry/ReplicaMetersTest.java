package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.TestClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.enterprise.event.Shutdown;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Replicas that share a store in memory, as the first one shows them. */
class ReplicaMetersTest {

  private final TestStore store = new TestStore();
  private final Roster one = roster("one");
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private Roster roster(String name) {
    Roster roster = new Roster(true, store, new TestClock());
    roster.tell("name", () -> name);
    roster.tell("revision", () -> "c".repeat(64));
    return roster;
  }

  /** The names and revisions of the gauges. */
  private List<String> shown() {
    return registry.find(BrokerMeter.REPLICA_SILENCE.id()).gauges().stream()
        .map(
            gauge ->
                gauge.getId().getTag(MeterLabels.REPLICA)
                    + ' '
                    + gauge.getId().getTag(MeterLabels.REVISION))
        .toList();
  }

  @Test
  void a_replica_has_a_gauge_until_it_is_gone() {
    ReplicaMeters meters = new ReplicaMeters(registry, one);
    Roster two = roster("two");
    two.round();
    meters.follow();
    assertThat(shown()).containsExactlyInAnyOrder("one cccccccccccc", "two cccccccccccc");

    two.stop(new Shutdown());
    meters.follow();

    assertThat(shown()).containsExactly("one cccccccccccc");
  }

  @Test
  void shows_32_replicas() {
    IntStream.range(0, 40).forEach(at -> roster("r" + at).round());

    new ReplicaMeters(registry, one).follow();

    assertThat(shown()).hasSize(ReplicaMeters.MAX_REPLICAS).contains("one cccccccccccc");
  }

  @Test
  void a_broker_that_shares_nothing_has_none() {
    new ReplicaMeters(registry, new Roster(false, new OneReplica(), new TestClock())).follow();

    assertThat(shown()).isEmpty();
  }
}
