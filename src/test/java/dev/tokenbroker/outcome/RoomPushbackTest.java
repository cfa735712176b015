package dev.tokenbroker.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RoomPushbackTest {

  private static final RandomGenerator FIRST = () -> 0;

  @Test
  void is_over_no_sooner_than_there_is_room() {
    assertThat(RoomPushback.of(Duration.ofSeconds(71), FIRST)).isEqualTo(Duration.ofSeconds(71));
  }

  @Test
  void takes_a_second_at_least() {
    assertThat(RoomPushback.of(Duration.ZERO, FIRST)).isEqualTo(Duration.ofSeconds(1));
    assertThat(RoomPushback.of(Duration.ofSeconds(-5), FIRST)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void is_spread_over_four_seconds() {
    Random random = new Random(1);

    for (int at = 0; at < 1_000; at++) {
      assertThat(RoomPushback.of(Duration.ofSeconds(10), random))
          .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(14));
    }
    assertThat(RoomPushback.of(Duration.ZERO, random))
        .isNotEqualTo(RoomPushback.of(Duration.ZERO, random));
  }
}
