package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.exchange.SimulatedBroker.Run;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the door behaves under load, in virtual time; see decisions/0012-adaptive-admission.md. */
class OverloadSimulationTest {

  private static final Duration SERVICE = Duration.ofNanos(150_000);
  private static final Duration WHILE = Duration.ofSeconds(6);
  private static final Duration OVERLOAD = Duration.ofSeconds(5);
  private static final AdmissionSettings SETTINGS =
      TestAdmissionSettings.defaults().withPerCredential(0, 0);

  /** By service time in microseconds, seed, load in capacities, and the longest p99 in ms. */
  @ParameterizedTest
  @CsvSource({
    "150, 1, 3, 3",
    "150, 2, 3, 3",
    "150, 3, 1.3, 8",
    "40, 4, 3, 3",
    "40, 5, 5, 3",
    "600, 6, 3, 7"
  })
  void does_what_can_be_done_under_overload_and_in_time(
      long micros, long seed, double load, long longestMillis) {
    Duration service = Duration.ofNanos(micros * 1_000);
    SimulatedBroker broker = new SimulatedBroker(seed, service, SETTINGS);
    Run before = broker.load(0.6 * broker.capacity(), Duration.ofSeconds(5));
    Run onset = broker.load(load * broker.capacity(), Duration.ofSeconds(1));
    Run overload = broker.load(load * broker.capacity(), OVERLOAD);
    Run after = broker.load(0.6 * broker.capacity(), Duration.ofSeconds(2));

    assertThat(before.refused).isZero();
    assertThat(overload.done())
        .isGreaterThan((long) (0.95 * broker.capacity() * OVERLOAD.toSeconds()));
    Duration longest = Duration.ofMillis(longestMillis);
    assertThat(overload.response(0.5)).isLessThan(longest.dividedBy(2));
    assertThat(overload.response(0.99)).isLessThan(longest);
    assertThat(onset.withoutPushback + overload.withoutPushback).isZero();
    // It builds up in the tenth of a second, and up to a window more, until it is noticed.
    assertThat(onset.mostWaiting).isLessThanOrEqualTo(4096);
    assertThat(overload.mostWaiting).isLessThanOrEqualTo(4096);
    assertThat(after.refused).isLessThan(after.done() / 100);
    assertThat(after.response(0.99)).isLessThan(before.response(0.99).multipliedBy(2));
    assertThat(broker.admission().status().overloaded()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void refuses_nobody_while_there_is_capacity(long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, SERVICE, SETTINGS);
    Run run = broker.load(0.9 * broker.capacity(), WHILE);
    assertThat(run.refused).isLessThan(run.done() / 1_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void serves_a_burst_whole(long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, SERVICE, SETTINGS);
    assertThat(broker.burst(500).refused).isZero();
    broker.load(3 * broker.capacity(), Duration.ofSeconds(5));
    broker.load(0.3 * broker.capacity(), Duration.ofSeconds(1));
    Run burst = broker.burst(500);
    assertThat(burst.refused).isZero();
    assertThat(burst.done()).isEqualTo(500);
  }

  /** As by a collection of garbage or a neighbour on the same machine. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void refuses_nobody_for_a_short_stop(long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, SERVICE, SETTINGS);
    Run run =
        broker.load(0.6 * broker.capacity(), WHILE, Duration.ofSeconds(2), Duration.ofMillis(20));
    assertThat(run.refused).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void is_not_shut_by_callers_that_wait_for_a_hanging_upstream(long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, SERVICE, SETTINGS);
    List<Admitted.Permit> hanging = broker.hang(3_000);
    assertThat(hanging).hasSize(3_000);
    Run others = broker.load(0.8 * broker.capacity(), Duration.ofSeconds(5));
    assertThat(others.refused).isZero();
    assertThat(broker.admission().status().inFlight()).isBetween(3_000, 3_200);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 4096})
  void bounds_those_who_wait_for_a_hanging_upstream(int maxInFlight) {
    SimulatedBroker broker =
        new SimulatedBroker(
            1,
            SERVICE,
            TestAdmissionSettings.defaults().withMaxInFlight(maxInFlight).withPerCredential(0, 0));
    List<Admitted.Permit> hanging = broker.hang(5_000);
    assertThat(hanging).hasSize(maxInFlight);
    hanging.forEach(Admitted.Permit::close);
    assertThat(broker.admission().status().inFlight()).isZero();
    assertThat(broker.burst(5).refused).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void is_open_again_once_the_load_has_gone_all_at_once(long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, SERVICE, SETTINGS);
    broker.load(3 * broker.capacity(), Duration.ofSeconds(2));
    assertThat(broker.admission().status().overloaded()).isTrue();
    broker.burst(0);
    assertThat(broker.admission().status().overloaded()).isFalse();
    assertThat(broker.burst(500).refused).isZero();
  }

  /** Processors taken by somebody else for a while must not let the whole load in. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void stays_shut_through_a_stop_in_overload(long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, SERVICE, SETTINGS);
    broker.load(3 * broker.capacity(), Duration.ofSeconds(2));
    Run run =
        broker.load(3 * broker.capacity(), WHILE, Duration.ofSeconds(2), Duration.ofMillis(300));
    assertThat(run.mostWaiting).isLessThan(300);
    assertThat(run.done()).isGreaterThan((long) (0.75 * broker.capacity() * 6));
  }
}
