package dev.tokenbroker.judge.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchBudgetTest {

  private static final Duration COOL_DOWN = Duration.ofSeconds(30);
  private static final Duration TTL = Duration.ofMinutes(5);

  private final TestClock clock = new TestClock();
  private final FetchBudget budget = new FetchBudget(COOL_DOWN, clock::nanoTime);

  @Test
  void gives_the_first_slot_and_the_first_extra_at_once() {
    assertThat(budget.takeSlot()).isTrue();
    assertThat(budget.takeExtra(TTL)).isTrue();
  }

  @Test
  void gives_the_next_slot_exactly_a_cool_down_later() {
    assertThat(budget.takeSlot()).isTrue();
    clock.advance(COOL_DOWN.minusNanos(1));
    assertThat(budget.takeSlot()).isFalse();
    assertThat(budget.untilSlot()).isEqualTo(Duration.ofNanos(1));

    clock.advance(Duration.ofNanos(1));

    assertThat(budget.untilSlot()).isZero();
    assertThat(budget.takeSlot()).isTrue();
  }

  @Test
  void gives_the_next_extra_exactly_a_ttl_later() {
    assertThat(budget.takeExtra(TTL)).isTrue();
    clock.advance(TTL.minusNanos(1));
    assertThat(budget.takeExtra(TTL)).isFalse();

    clock.advance(Duration.ofNanos(1));

    assertThat(budget.takeExtra(TTL)).isTrue();
  }

  @Test
  void saves_nothing_up() {
    clock.advance(Duration.ofDays(1));

    assertThat(budget.takeSlot()).isTrue();
    assertThat(budget.takeSlot()).isFalse();
    assertThat(budget.takeExtra(TTL)).isTrue();
    assertThat(budget.takeExtra(TTL)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void never_gives_more_than_the_bound_in_any_window(long seed) {
    Random random = new Random(seed);
    List<Long> taken = new ArrayList<>();
    for (int step = 0; step < 3000; step++) {
      clock.advance(Duration.ofMillis(random.nextInt(random.nextBoolean() ? 10_000 : 400)));
      if (random.nextInt(3) > 0 ? budget.takeSlot() : budget.takeExtra(TTL)) {
        taken.add(clock.nanoTime());
      }
    }
    FetchBound.assertHolds(taken, COOL_DOWN, TTL, seed);
  }
}
