package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.FetchFlight.Awaited;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FetchFlightTest {

  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));
  private static final Deadline PASSED = Deadline.after(Duration.ZERO);

  private final FetchFlight<String> flight = new FetchFlight<>();

  @Test
  void gives_its_result_to_all_waiting_and_all_later_callers() throws Exception {
    AtomicInteger given = new AtomicInteger();
    List<Thread> waiting = waiting(FetchFlight.MAX_WAITING, FAR, given);
    waiting.forEach(FetchFlightTest::awaitParked);

    flight.land("keys");

    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(given).hasValue(FetchFlight.MAX_WAITING);
    assertThat(waiting(2 * FetchFlight.MAX_WAITING, PASSED, given))
        .allSatisfy(thread -> assertThat(thread.join(Duration.ofSeconds(30))).isTrue());
    assertThat(given).hasValue(3 * FetchFlight.MAX_WAITING);
  }

  @Test
  void limits_waiting_callers_and_admits_others_when_some_leave() throws Exception {
    AtomicInteger given = new AtomicInteger();
    List<Thread> waiting = waiting(FetchFlight.MAX_WAITING, FAR, given);
    waiting.forEach(FetchFlightTest::awaitParked);

    assertThat(flight.await(FAR)).isInstanceOf(Awaited.TooMany.class);
    assertThat(flight.await(PASSED)).isInstanceOf(Awaited.TooMany.class);

    waiting.getFirst().interrupt();
    waiting.getFirst().join();
    assertThat(flight.await(PASSED)).isInstanceOf(Awaited.TooLate.class);

    flight.land("keys");
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(given).hasValue(FetchFlight.MAX_WAITING - 1);
  }

  @Test
  void who_gives_up_ends_nothing() {
    assertThat(flight.await(Deadline.after(Duration.ofMillis(1))))
        .isInstanceOf(Awaited.TooLate.class);

    flight.land("keys");

    assertThat(flight.await(PASSED)).isEqualTo(new Awaited.Ended<>("keys"));
  }

  @Test
  void a_bug_in_fetching_is_one_for_all_who_wait() {
    flight.fail(new IllegalArgumentException("a bug"));

    assertThatThrownBy(() -> flight.await(FAR))
        .isInstanceOf(IllegalStateException.class)
        .hasCauseInstanceOf(IllegalArgumentException.class);
  }

  private List<Thread> waiting(int threads, Deadline deadline, AtomicInteger given) {
    List<Thread> waiting = new ArrayList<>();
    for (int at = 0; at < threads; at++) {
      waiting.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    if (flight.await(deadline).equals(new Awaited.Ended<>("keys"))) {
                      given.incrementAndGet();
                    }
                  }));
    }
    return waiting;
  }

  private static void awaitParked(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }
}
