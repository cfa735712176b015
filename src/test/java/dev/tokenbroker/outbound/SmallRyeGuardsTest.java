package dev.tokenbroker.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.store.Rank;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The library as we set it up, by the real clock. */
@Timeout(60)
class SmallRyeGuardsTest {

  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));
  private static final GuardValues STAYS_OPEN =
      GuardValues.defaults().withCircuit(3, Duration.ofHours(1));
  private static final GuardValues SOON_HALF_OPENS =
      GuardValues.defaults().withCircuit(3, Duration.ofMillis(100));

  private final BlockingQueue<CircuitBreakerState> states = new LinkedBlockingQueue<>();
  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void a_breaker_that_is_open_runs_nothing() throws Exception {
    Breaker breaker = SmallRyeGuards.breaker(STAYS_OPEN.probeInterval(), states::add);
    assertThatThrownBy(() -> breaker.run(this::broken)).isInstanceOf(IOException.class);

    assertThat(states.poll(30, TimeUnit.SECONDS)).isEqualTo(CircuitBreakerState.OPEN);
    assertThatThrownBy(() -> breaker.run(this::broken))
        .isInstanceOf(CircuitBreakerOpenException.class);
    assertThat(runs).hasValue(1);
  }

  @Test
  void a_breaker_opens_half_opens_and_closes() throws Exception {
    Breaker breaker = SmallRyeGuards.breaker(SOON_HALF_OPENS.probeInterval(), states::add);
    assertThatThrownBy(() -> breaker.run(this::broken)).isInstanceOf(IOException.class);
    assertThat(states.poll(30, TimeUnit.SECONDS)).isEqualTo(CircuitBreakerState.OPEN);

    assertThat(states.poll(30, TimeUnit.SECONDS)).isEqualTo(CircuitBreakerState.HALF_OPEN);
    breaker.run(() -> null);

    assertThat(states.poll(30, TimeUnit.SECONDS)).isEqualTo(CircuitBreakerState.CLOSED);
  }

  @Test
  void a_success_in_between_keeps_a_circuit_closed() {
    PeerGuard guard = PeerGuard.of("sso", STAYS_OPEN, () -> Rank.ALONE);
    for (int round = 0; round < 10; round++) {
      guard.call("a" + round, FAR, limit -> new Attempted.AttemptFailed<>("down", false, null));
      guard.call("b" + round, FAR, limit -> new Attempted.AttemptFailed<>("down", false, null));
      assertThat(guard.call("c" + round, FAR, limit -> new Attempted.Done<>("token")))
          .isInstanceOf(Guarded.GuardAnswered.class);
    }
    assertThat(guard.status().circuit()).isEqualTo(CircuitBreakerState.CLOSED);
    assertThat(guard.status().attempts()).isEqualTo(30);
  }

  @Test
  void retries_wait_as_they_are_told_and_end() throws Exception {
    SmallRyeGuards.Retries retries = SmallRyeGuards.retries(4);
    long begun = System.nanoTime();

    retries.run(
        () -> {
          if (runs.incrementAndGet() < 4) {
            throw new SmallRyeGuards.RetryDue(20);
          }
          return null;
        });

    assertThat(runs).hasValue(4);
    assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(60_000_000);
  }

  @Test
  void nothing_is_repeated_without_being_told() {
    assertThatThrownBy(() -> SmallRyeGuards.retries(4).run(this::broken))
        .isInstanceOf(IOException.class);
    assertThat(runs).hasValue(1);
  }

  @Test
  void a_guard_as_the_product_makes_it_rejects_calls_while_its_circuit_is_open() {
    PeerGuard guard = guardOfWhatIsDown(STAYS_OPEN);
    assertThat(guard.status().circuit()).isEqualTo(CircuitBreakerState.OPEN);

    assertThat(guard.call("key", FAR, limit -> new Attempted.Done<>("token")))
        .isInstanceOf(Guarded.GuardRejected.class);
    assertThat(guard.status().rejectedByCircuit()).isPositive();
  }

  @Test
  void a_guard_as_the_product_makes_it_recovers_by_itself() {
    PeerGuard guard = guardOfWhatIsDown(SOON_HALF_OPENS);
    assertThat(guard.status().circuit()).isNotEqualTo(CircuitBreakerState.CLOSED);

    Guarded<String> end;
    do {
      end = guard.call("key", FAR, limit -> new Attempted.Done<>("token"));
    } while (end instanceof Guarded.GuardRejected<String>);

    assertThat(end).isEqualTo(new Guarded.GuardAnswered<>("token"));
    assertThat(guard.status().circuit()).isEqualTo(CircuitBreakerState.CLOSED);
    assertThat(guard.status().boundRatio()).isLessThanOrEqualTo(1);
  }

  private static PeerGuard guardOfWhatIsDown(GuardValues values) {
    PeerGuard guard =
        PeerGuard.of("sso", values.withAttempts(2, Duration.ofSeconds(1)), () -> Rank.ALONE);
    for (int call = 0; call < 3; call++) {
      guard.call(call, FAR, limit -> new Attempted.AttemptFailed<>("down", true, null));
    }
    return guard;
  }

  private Void broken() throws IOException {
    runs.incrementAndGet();
    throw new IOException("broken");
  }
}
