package dev.tokenbroker.base.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PushbackTest {

  private static final RandomGenerator FIRST = () -> 0;

  @Test
  void is_over_no_sooner_than_there_is_room() {
    assertThat(Pushback.untilRoom(Duration.ofSeconds(71), FIRST)).isEqualTo(Duration.ofSeconds(71));
  }

  @Test
  void takes_a_second_at_least() {
    assertThat(Pushback.untilRoom(Duration.ZERO, FIRST)).isEqualTo(Duration.ofSeconds(1));
    assertThat(Pushback.untilRoom(Duration.ofSeconds(-5), FIRST)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void is_spread_over_four_seconds() {
    Random random = new Random(1);

    for (int at = 0; at < 1_000; at++) {
      assertThat(Pushback.untilRoom(Duration.ofSeconds(10), random))
          .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(14));
    }
    assertThat(Pushback.untilRoom(Duration.ZERO, random))
        .isNotEqualTo(Pushback.untilRoom(Duration.ZERO, random));
  }
}
