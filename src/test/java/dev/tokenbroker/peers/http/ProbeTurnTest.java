package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProbeTurnTest {

  private static final Duration EVERY = Duration.ofMinutes(5);
  private static final Duration LONGEST = Duration.ofMinutes(6);

  private final TestClock clock = new TestClock();
  private final ProbeTurn turn = new ProbeTurn(clock::nanoTime);

  @Test
  void gives_a_permit_once_the_time_has_passed_without_a_call() {
    clock.advance(EVERY.minusSeconds(1));
    assertThat(turn.take(EVERY)).isFalse();

    clock.advance(LONGEST.minus(EVERY).plusSeconds(1));
    assertThat(turn.take(EVERY)).isTrue();
    assertThat(turn.take(EVERY)).isFalse();
  }

  @Test
  void a_call_puts_the_probe_off() {
    for (int call = 0; call < 10; call++) {
      clock.advance(EVERY.minusSeconds(1));
      assertThat(turn.take(EVERY)).isFalse();
      turn.active();
    }
  }

  @Test
  void gives_no_more_permits_than_the_bound_allows() {
    int permits = 0;
    for (int second = 0; second < 86_400; second++) {
      clock.advance(Duration.ofSeconds(1));
      permits += turn.take(EVERY) ? 1 : 0;
    }
    assertThat(permits).isBetween(86_400 / 360, 86_400 / 300);
  }
}
