package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UnequalFactsTest {

  private final Map<Replica, Duration> replicas = new LinkedHashMap<>();

  private void replica(Map<String, String> facts, Duration ahead) {
    String id = "replica-" + replicas.size();
    Map<String, String> all = new TreeMap<>(Map.of(Replica.NAME, id, Replica.READY, id));
    all.putAll(facts);
    replicas.put(new Replica(id, 1, false, new TreeMap<>(all)), ahead);
  }

  private void replica(Map<String, String> facts) {
    replica(facts, Duration.ZERO);
  }

  @Test
  void equal_facts_are_not_named_whatever_the_replicas_are_called() {
    replica(Map.of("build", "1.0", "revision", "aaaa"));
    replica(Map.of("build", "1.0", "revision", "aaaa"));

    assertThat(UnequalFacts.of(replicas)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void names_a_fact_once_however_many_replicas_differ(ComparedFact fact) {
    replica(Map.of(fact.label(), "a"));
    replica(Map.of(fact.label(), "b"));
    replica(Map.of(fact.label(), "c"));
    replica(Map.of(fact.label(), "a"));

    assertThat(UnequalFacts.of(replicas)).containsExactly(fact.label());
  }

  @Test
  void a_replica_that_does_not_tell_a_fact_does_not_count() {
    replica(Map.of("build", "1.0", "revision", "aaaa"));
    replica(Map.of("build", "1.0"));
    replica(Map.of("keys", "cccc"));

    assertThat(UnequalFacts.of(replicas)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 2000, false", "0, 2001, true", "-1500, 1000, true", "5000, 6000, false"})
  void clocks_differ_if_any_two_are_more_than_two_seconds_apart(
      long one, long other, boolean unequal) {
    replica(Map.of(), Duration.ofMillis(one));
    replica(Map.of(), Duration.ofMillis((one + other) / 2));
    replica(Map.of(), Duration.ofMillis(other));

    assertThat(UnequalFacts.of(replicas).contains(UnequalFacts.CLOCK)).isEqualTo(unequal);
  }
}
