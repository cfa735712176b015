package dev.tokenbroker.peers.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackOffTest {

  private static final Duration BASE = Duration.ofMillis(100);
  private static final Duration CAP = Duration.ofSeconds(2);

  @ParameterizedTest
  @CsvSource({"1,100", "2,200", "3,400", "5,1600", "6,2000", "60,2000", "1000,2000"})
  void waits_from_nothing_to_twice_as_long_each_time_up_to_the_cap(int attempts, long longest) {
    assertThat(new BackOff(BASE, CAP, bound -> 0).beforeRetry(attempts, null)).isZero();
    assertThat(new BackOff(BASE, CAP, bound -> bound - 1).beforeRetry(attempts, null))
        .isEqualTo(Duration.ofMillis(longest));
  }

  @Test
  void waits_at_least_as_long_as_the_peer_asks() {
    Duration asked = Duration.ofNanos(3_000_000_001L);

    assertThat(new BackOff(BASE, CAP, bound -> 0).beforeRetry(1, asked))
        .isEqualTo(Duration.ofMillis(3001));
    assertThat(new BackOff(BASE, CAP, bound -> bound - 1).beforeRetry(1, asked))
        .isEqualTo(Duration.ofMillis(3101));
  }

  @Test
  void gives_callers_a_wait_from_a_millisecond_to_the_maximum() {
    BackOff backOff = new BackOff(BASE, CAP, new Random(20261124)::nextLong);

    for (int draw = 0; draw < 1000; draw++) {
      assertThat(backOff.upTo(Duration.ofMillis(50)))
          .isBetween(Duration.ofMillis(1), Duration.ofMillis(50));
    }
    assertThat(backOff.upTo(Duration.ZERO)).isEqualTo(Duration.ofMillis(1));
  }
}
