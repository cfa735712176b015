package dev.tokenbroker.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outbound.Circuit.CircuitEntry;
import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.store.Rank;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The circuit of one replica of several; SmallRye's breaker, by a clock of the test. */
@Timeout(60)
class CircuitTest {

  private static final GuardValues SETTINGS = GuardValues.defaults();
  private static final CircuitEntry BUSY = new CircuitEntry.Stopped(Rejection.BUSY);
  private static final CircuitEntry OPEN = new CircuitEntry.Stopped(Rejection.CIRCUIT_OPEN);
  private static final CircuitEntry PROBE = new CircuitEntry.Passed(true);
  private static final Duration FOREVER = Duration.ofHours(1);

  private final TestClock clock = new TestClock();
  private Rank rank = new Rank(1, 3);
  private final Circuit circuit = circuit(false);

  /** The circuit with the library, or with a library that is switched off. */
  private Circuit circuit(boolean off) {
    return new Circuit(
        new GuardShare(SETTINGS, () -> rank),
        clock::nanoTime,
        onChange -> off ? Callable::call : new ManualBreaker(SETTINGS, clock, onChange));
  }

  @Test
  void no_more_begin_without_a_success_than_the_part_of_the_replica() throws Exception {
    for (int attempt = 0; attempt < 12; attempt++) {
      circuit.begin(pass(circuit));
    }

    assertThat(circuit.enter(Duration.ZERO)).isEqualTo(BUSY);
    assertThat(circuit.enter(Duration.ofMillis(1))).isEqualTo(BUSY);
  }

  @Test
  void a_success_lets_as_many_begin_again_and_all_that_wait() throws Exception {
    List<CircuitEntry.Passed> passes = new ArrayList<>();
    for (int attempt = 0; attempt < 12; attempt++) {
      passes.add(pass(circuit));
      circuit.begin(passes.getLast());
    }
    CompletableFuture<CircuitEntry> waits = waiting(circuit);

    assertThat(circuit.ended(passes.getFirst(), true)).isFalse();

    assertThat(waits.get()).isEqualTo(new CircuitEntry.Passed(false));
    for (int attempt = 1; attempt < 12; attempt++) {
      circuit.begin(pass(circuit));
    }
    assertThat(circuit.enter(Duration.ZERO)).isEqualTo(BUSY);
  }

  /** Else they would begin after the success, beside as many others. */
  @Test
  void what_has_a_pass_and_has_not_begun_still_counts_after_a_success() throws Exception {
    CircuitEntry.Passed first = pass(circuit);
    circuit.begin(first);
    for (int attempt = 1; attempt < 12; attempt++) {
      pass(circuit);
    }

    assertThat(circuit.ended(first, true)).isFalse();

    pass(circuit);
    assertThat(circuit.enter(Duration.ZERO)).isEqualTo(BUSY);
  }

  @Test
  void a_pass_that_is_given_back_goes_to_another() throws Exception {
    CircuitEntry.Passed last = pass(circuit);
    for (int attempt = 1; attempt < 12; attempt++) {
      pass(circuit);
    }
    CompletableFuture<CircuitEntry> waits = waiting(circuit);

    circuit.leave(last);

    assertThat(waits.get()).isEqualTo(new CircuitEntry.Passed(false));
  }

  @Test
  void opens_after_failures_in_a_row_and_not_before() throws Exception {
    fail(4);
    assertThat(circuit.run(pass(circuit), () -> true)).isTrue();
    fail(4);
    assertThat(circuit.state()).isEqualTo(CircuitBreakerState.CLOSED);

    fail(1);

    assertThat(circuit.state()).isEqualTo(CircuitBreakerState.OPEN);
    assertThat(circuit.enter(FOREVER)).isEqualTo(OPEN);
  }

  @Test
  void a_call_that_waits_for_a_success_ends_when_the_circuit_opens() throws Exception {
    List<CircuitEntry.Passed> passes = new ArrayList<>();
    for (int attempt = 0; attempt < 12; attempt++) {
      passes.add(pass(circuit));
    }
    CompletableFuture<CircuitEntry> waits = waiting(circuit);

    passes.forEach(pass -> circuit.run(pass, () -> false));

    assertThat(waits.get()).isEqualTo(OPEN);
  }

  @Test
  void replicas_take_turns_to_probe() throws Exception {
    fail(5);

    clock.advance(Duration.ofSeconds(4).minusNanos(1));
    assertThat(circuit.state()).isEqualTo(CircuitBreakerState.OPEN);
    assertThat(circuit.enter(Duration.ZERO)).isEqualTo(OPEN);
    clock.advance(Duration.ofNanos(1));
    assertThat(circuit.enter(Duration.ZERO)).isEqualTo(PROBE);
    assertThat(circuit.enter(Duration.ZERO)).isEqualTo(OPEN);
    circuit.leave((CircuitEntry.Passed) PROBE);
    assertThat(circuit.run(probe(), () -> false)).isTrue();

    clock.advance(Duration.ofSeconds(6).minusNanos(1));
    assertThat(circuit.untilProbe()).isEqualTo(Duration.ofNanos(1));
    assertThat(circuit.enter(Duration.ZERO)).isEqualTo(OPEN);
    clock.advance(Duration.ofNanos(1));
    assertThat(circuit.run(probe(), () -> true)).isTrue();
    assertThat(circuit.state()).isEqualTo(CircuitBreakerState.CLOSED);
    pass(circuit);
  }

  @Test
  void an_answer_that_comes_when_the_circuit_is_open_does_not_close_it() throws Exception {
    CircuitEntry.Passed slow = pass(circuit);
    assertThat(
            circuit.run(
                slow,
                () -> {
                  fail(5);
                  return true;
                }))
        .isTrue();

    assertThat(circuit.enter(Duration.ZERO)).isEqualTo(OPEN);
    clock.advance(Duration.ofSeconds(4));
    assertThat(circuit.run(probe(), () -> false)).isTrue();
    assertThat(circuit.state()).isEqualTo(CircuitBreakerState.OPEN);
  }

  @Test
  void opens_before_the_next_attempt_when_replicas_have_come() throws Exception {
    fail(2);
    rank = new Rank(10, 18);

    assertThat(circuit.enter(FOREVER)).isEqualTo(OPEN);

    assertThat(circuit.state()).isEqualTo(CircuitBreakerState.OPEN);
    assertThat(circuit.untilProbe()).isEqualTo(Duration.ofSeconds(22));
    rank = Rank.ALONE;
    assertThat(circuit.untilProbe()).isEqualTo(Duration.ofSeconds(2));
  }

  /** Without the library there is no circuit; the ledger bounds the attempts then. */
  @Test
  void stops_nobody_when_the_library_is_switched_off() throws Exception {
    Circuit without = circuit(true);
    for (int attempt = 0; attempt < 100; attempt++) {
      assertThat(without.run(pass(without), () -> false)).isTrue();
    }
    assertThat(without.state()).isEqualTo(CircuitBreakerState.CLOSED);
  }

  private void fail(int times) {
    for (int attempt = 0; attempt < times; attempt++) {
      assertThat(circuit.run(pass(circuit), () -> false)).isTrue();
    }
  }

  private CircuitEntry.Passed probe() throws InterruptedException {
    CircuitEntry entry = circuit.enter(Duration.ZERO);
    assertThat(entry).isEqualTo(PROBE);
    return (CircuitEntry.Passed) entry;
  }

  private static CircuitEntry.Passed pass(Circuit from) {
    try {
      CircuitEntry entry = from.enter(FOREVER);
      assertThat(entry).isEqualTo(new CircuitEntry.Passed(false));
      return (CircuitEntry.Passed) entry;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** A call that waits for a success. */
  private static CompletableFuture<CircuitEntry> waiting(Circuit at) {
    CompletableFuture<CircuitEntry> entry = new CompletableFuture<>();
    Thread _ =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    entry.complete(at.enter(FOREVER));
                  } catch (InterruptedException interrupted) {
                    entry.completeExceptionally(interrupted);
                  }
                });
    return entry;
  }
}
