package dev.tokenbroker.evaluate.exchange.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RatesTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final TestClock clock = new TestClock();
  private final Rates<String> rates = new Rates<>(1, 10, clock::nanoTime);

  @Test
  void grant_a_burst_and_then_turns_in_the_order_of_arrival() {
    assertThat(IntStream.range(0, 13).mapToLong(_ -> rates.take("one", 2 * SECOND)).toArray())
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SECOND, 2 * SECOND, -3 * SECOND);
    assertThat(rates.take("other", 0)).isZero();
    rates.giveBack("one");
    assertThat(rates.take("one", 2 * SECOND)).isEqualTo(2 * SECOND);
  }

  @Test
  void refill_no_bucket_by_forgetting_it() {
    IntStream.range(0, 10).forEach(_ -> rates.take("one", 0));
    for (int at = 0; at < 2 * Rates.MAX_KEYS; at++) {
      rates.take("filler " + at, 0);
    }
    assertThat(rates.take("one", 0)).isNegative();
    assertThat(rates.take("newcomer", 0)).as("all further keys share one").isNegative();

    clock.advance(Duration.ofSeconds(11));
    assertThat(rates.take("newcomer", 0)).isZero();
    assertThat(
            IntStream.range(0, 11).mapToLong(_ -> rates.take("one", 0)).filter(wait -> wait == 0))
        .hasSize(10);
  }

  @Test
  void limit_nothing_where_they_are_off() {
    Rates<String> off = new Rates<>(0, 1, clock::nanoTime);
    assertThat(IntStream.range(0, 100).mapToLong(_ -> off.take("one", 0))).containsOnly(0L);
  }
}
