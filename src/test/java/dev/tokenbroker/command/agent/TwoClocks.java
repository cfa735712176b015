package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.random.RandomGenerator;

/** A machine whose time of day can be wrong, and chance that a seed gives. For one thread. */
final class TwoClocks implements Clocks {

  private final Random random;
  private Duration passed = Duration.ZERO;
  private Duration wrong = Duration.ZERO;

  TwoClocks(long seed) {
    random = new Random(seed);
  }

  void advance(Duration time) {
    passed = passed.plus(time);
  }

  /** Sets the time of day by that much, and leaves the monotonic clock as it is. */
  void step(Duration by) {
    wrong = wrong.plus(by);
  }

  /** The time that every other machine has. */
  Instant truth() {
    return TestClock.START.plus(passed);
  }

  Duration passed() {
    return passed;
  }

  @Override
  public Instant instant() {
    return truth().plus(wrong);
  }

  @Override
  public long nanoTime() {
    return passed.toNanos();
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
