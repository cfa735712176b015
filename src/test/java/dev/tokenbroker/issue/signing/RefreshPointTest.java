package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.judge.possession.TokenType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RefreshPointTest {

  private static final Instant ISSUED = Instant.parse("2026-11-24T12:00:00Z");

  @Test
  void lies_evenly_between_50_and_80_percent_of_the_life() {
    Random random = new Random(42);
    List<AtomicInteger> tenths = Stream.generate(AtomicInteger::new).limit(3).toList();
    for (int count = 0; count < 30_000; count++) {
      Instant point = RefreshPoint.refreshTime(token(Duration.ofSeconds(1000)), ISSUED, random);
      long millis = Duration.between(ISSUED, point).toMillis();
      assertThat(millis).isBetween(500_000L, 800_000L);
      tenths.get((int) Math.min(2, (millis - 500_000) / 100_000)).incrementAndGet();
    }
    assertThat(tenths).allSatisfy(count -> assertThat(count.get()).isBetween(9_500, 10_500));
  }

  @Test
  void lies_within_the_shortest_life() {
    Instant point = RefreshPoint.refreshTime(token(Duration.ofSeconds(1)), ISSUED, new Random(42));
    assertThat(point).isBetween(ISSUED.plusMillis(500), ISSUED.plusMillis(800));
  }

  @Test
  void of_a_token_that_was_held_lies_in_what_is_left_of_it() {
    Random random = new Random(42);
    Instant late = ISSUED.plusSeconds(790);
    for (int count = 0; count < 1_000; count++) {
      Instant point = RefreshPoint.refreshTime(token(Duration.ofSeconds(1000)), late, random);
      assertThat(point).isBetween(late, ISSUED.plusSeconds(1000));
    }
  }

  private static IssuedToken token(Duration life) {
    return new IssuedToken(
        "value",
        "id",
        ISSUED,
        ISSUED.plus(life),
        List.of(),
        IssuedToken.ACCESS_TOKEN,
        TokenType.BEARER);
  }
}
