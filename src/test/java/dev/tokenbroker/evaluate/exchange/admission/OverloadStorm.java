package dev.tokenbroker.evaluate.exchange.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.admission.SimulatedBroker.Run;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How admission behaves under load, in virtual time; see decisions/0012-adaptive-admission.md. */
class OverloadStorm {

  private static final Duration SERVICE = Duration.ofNanos(150_000);
  private static final Duration WHILE = Duration.ofSeconds(6);
  private static final Duration OVERLOAD = Duration.ofSeconds(3);
  private static final AdmissionSettings SETTINGS =
      TestAdmissionSettings.defaults().withPerCredential(0, 0);
  private static final int ROOM = SimulatedBroker.PROCESSORS * WaitingRoom.LEAST_ROOM_PER_PROCESSOR;

  /**
   * By service time in microseconds, seed, load in capacities, and in milliseconds the longest
   * median and 99th percentile of the waits for a processor. Where evaluations are very fast, the
   * bound on those in flight keeps the queue below the target of 250 ms; where they are very slow,
   * 128 may wait for each processor, for twice the target at most.
   */
  @ParameterizedTest
  @CsvSource({
    "40, 4, 3, 100, 100",
    "40, 5, 5, 100, 100",
    "150, 1, 3, 280, 350",
    "150, 2, 1.3, 280, 350",
    "600, 3, 5, 280, 350",
    "600, 6, 1.3, 280, 350",
    "2000, 7, 3, 300, 400",
    "5000, 8, 3, 510, 700"
  })
  void serves_its_capacity_under_overload_near_the_target_delay(
      long micros, long seed, double load, long medianMillis, long longestMillis) {
    SimulatedBroker broker = new SimulatedBroker(seed, Duration.ofNanos(micros * 1_000), SETTINGS);
    Run before = broker.load(0.6 * broker.capacity(), Duration.ofSeconds(3));
    Run onset = broker.load(load * broker.capacity(), Duration.ofSeconds(1));
    Run overload = broker.load(load * broker.capacity(), OVERLOAD);
    broker.load(0.3 * broker.capacity(), Duration.ofSeconds(1)); // works off what still waits

    assertThat(before.refused).isZero();
    assertThat(overload.done())
        .isGreaterThan((long) (0.95 * broker.capacity() * OVERLOAD.toSeconds()));
    assertThat(overload.wait(0.5)).isLessThan(Duration.ofMillis(medianMillis));
    assertThat(overload.wait(0.99)).isLessThan(Duration.ofMillis(longestMillis));
    assertThat(onset.withoutPushback + overload.withoutPushback).isZero();
    assertThat(onset.mostWaiting).isLessThanOrEqualTo(4096);
    assertThat(overload.mostWaiting).isLessThanOrEqualTo(4096);
  }

  @ParameterizedTest
  @CsvSource({"40, 1", "150, 2", "600, 3", "2000, 4", "5000, 5", "20000, 6"})
  void is_over_within_a_second_of_the_load(long micros, long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, Duration.ofNanos(micros * 1_000), SETTINGS);
    broker.load(3 * broker.capacity(), OVERLOAD);
    Run soon = broker.load(0.6 * broker.capacity(), Duration.ofSeconds(1));
    Run after = broker.load(0.6 * broker.capacity(), Duration.ofSeconds(2));

    assertThat(soon.refused).isLessThan(soon.done() / 20);
    assertThat(after.refused).isZero();
    assertThat(after.wait(0.5)).isLessThan(SETTINGS.targetDelay());
    assertThat(broker.admission().status().overloaded()).isFalse();
  }

  /** A fresh process is slow at first: its callers are served later, and not refused. */
  @ParameterizedTest
  @CsvSource({
    "40, 32",
    "40, 256",
    "150, 32",
    "150, 256",
    "600, 256",
    "5000, 256",
    "20000, 256",
    "300000, 256"
  })
  void refuses_no_caller_in_a_closed_loop(long micros, int callers) {
    assertThat(callers).isLessThanOrEqualTo(ROOM);
    SimulatedBroker broker =
        new SimulatedBroker(micros, Duration.ofNanos(micros * 1_000), SETTINGS);
    Run run = broker.closedLoop(callers, WHILE);
    assertThat(run.refused).isZero();
    assertThat(run.done()).isGreaterThan((long) (0.8 * broker.capacity() * WHILE.toSeconds()) - 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void refuses_nobody_while_there_is_capacity(long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, SERVICE, SETTINGS);
    assertThat(broker.load(0.9 * broker.capacity(), WHILE).refused).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void serves_a_burst_whole(long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, SERVICE, SETTINGS);
    assertThat(broker.burst(2_000).refused).isZero();
    broker.load(3 * broker.capacity(), OVERLOAD);
    broker.load(0.3 * broker.capacity(), Duration.ofSeconds(1));
    Run burst = broker.burst(2_000);
    assertThat(burst.refused).isZero();
    assertThat(burst.done()).isEqualTo(2_000);
  }

  /** As by a collection of garbage or a neighbour on the same machine. */
  @ParameterizedTest
  @CsvSource({"1, 20", "2, 100", "3, 300"})
  void refuses_nobody_for_a_stop(long seed, long millis) {
    SimulatedBroker broker = new SimulatedBroker(seed, Duration.ofNanos(600_000), SETTINGS);
    Run run =
        broker.load(
            0.6 * broker.capacity(), WHILE, Duration.ofSeconds(2), Duration.ofMillis(millis));
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
    assertThat(broker.burst(2_000).refused).isZero();
  }

  /** Processors taken by somebody else for a while must not let the whole load in. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void stays_shut_through_a_stop_in_overload(long seed) {
    SimulatedBroker broker = new SimulatedBroker(seed, SERVICE, SETTINGS);
    broker.load(3 * broker.capacity(), Duration.ofSeconds(2));
    Run run =
        broker.load(3 * broker.capacity(), WHILE, Duration.ofSeconds(2), Duration.ofMillis(300));
    assertThat(run.wait(0.5)).isLessThan(Duration.ofMillis(280));
    assertThat(run.wait(0.99)).isLessThan(Duration.ofMillis(550));
    assertThat(run.done()).isGreaterThan((long) (0.75 * broker.capacity() * WHILE.toSeconds()));
  }
}
