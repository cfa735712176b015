package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares at each bucket after the time in question, as the broker does every five seconds. */
class RiseRuleTest {

  private static final int AT = 120;
  private static final int WINDOW = (int) RiseRule.WINDOW;
  private static final int TRIALS = 4_000;

  /** With nothing before, one refusal each 5 s is a rise after 25 s; with one each 20 s, later. */
  @ParameterizedTest
  @CsvSource({"1, 5", "2, 10", "4, 20", "12, 60"})
  void a_rise_from_nothing_needs_five_refusals(int every, int buckets) {
    assertThat(risesAfter(bucket -> bucket >= AT && bucket % every == 0 ? 1 : 0))
        .isBetween(buckets - every, buckets);
  }

  @ParameterizedTest
  @CsvSource({
    // refusals in a bucket before, and after: a fourfold rise, and less
    "1, 4, true",
    "1, 3, false",
    "10, 40, true",
    "10, 39, false",
    "0, 1, true",
  })
  void a_steady_rate_that_rises_fourfold_is_a_rise(int before, int after, boolean rise) {
    int found = risesAfter(bucket -> bucket < AT ? before : after);

    assertThat(found > 0).isEqualTo(rise);
  }

  @ParameterizedTest
  @CsvSource({
    // refusals in a bucket, and how many buckets before the time they began
    "2, 1",
    "3, 1",
    "10, 1",
    "500, 1",
    "1, 2",
    "1, 3",
    "10, 3",
    "1, 6",
    "1, 20",
    "5, 59",
    "1, 100",
  })
  void a_burst_that_began_before_is_never_a_rise(int rate, int early) {
    assertThat(risesAfter(bucket -> bucket >= AT - early ? rate : 0)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 30", "2, 30", "10, 10"})
  void a_rate_that_grows_slowly_is_never_a_rise(int step, int buckets) {
    assertThat(risesAfter(bucket -> step * (bucket / buckets))).isZero();
  }

  /**
   * Refusals a minute. Where less than one a minute is usual, chance can be a rise from nothing.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 1, 10})
  void chance_at_a_constant_rate_is_rarely_taken_for_a_rise(double rate) {
    assertHardlyEverARise(rate);
  }

  @Tag("whole")
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3, 0.6, 1, 2, 5, 10, 60, 600})
  void chance_at_any_rate_is_hardly_ever_a_rise(double rate) {
    assertHardlyEverARise(rate);
  }

  private static void assertHardlyEverARise(double rate) {
    long seed = 20_261_128;
    Random random = new Random(seed);
    int rises = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      if (risesAfter(_ -> poisson(random, rate / 12)) > 0) {
        rises++;
      }
    }

    assertThat(rises).as("of %d, seed %d", TRIALS, seed).isLessThan(2 * TRIALS / 1_000);
  }

  @Test
  void soon_after_a_start_a_few_seconds_stand_for_five_minutes() {
    RefusalBuckets buckets = new RefusalBuckets();
    add(buckets, 0, 5);
    add(buckets, 1, 60);

    assertThat(RiseRule.before(buckets, 0, 1)).isEqualTo(5L * WINDOW);
    assertThat(RiseRule.isRise(buckets, 0, 1, 2)).isFalse();
  }

  /** How many buckets after the time the refusals are a rise; 0 if they never are. */
  private static int risesAfter(IntUnaryOperator refusals) {
    RefusalBuckets buckets = new RefusalBuckets();
    for (int bucket = 0; bucket < AT + WINDOW; bucket++) {
      add(buckets, bucket, refusals.applyAsInt(bucket));
      if (bucket >= AT && RiseRule.isRise(buckets, 0, AT, bucket + 1)) {
        return bucket + 1 - AT;
      }
    }
    return 0;
  }

  private static void add(RefusalBuckets buckets, int bucket, int refusals) {
    for (int at = 0; at < refusals; at++) {
      buckets.add(bucket, 0);
    }
  }

  /** Knuth's way, for small means. */
  private static int poisson(Random random, double mean) {
    double limit = Math.exp(-mean);
    double product = random.nextDouble();
    int count = 0;
    while (product > limit) {
      product *= random.nextDouble();
      count++;
    }
    return count;
  }
}
