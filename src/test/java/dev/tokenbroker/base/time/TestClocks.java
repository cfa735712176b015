package dev.tokenbroker.base.time;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Clocks and chance that a test chooses one by one. */
public record TestClocks(
    InstantSource wall, LongSupplier nanos, Supplier<? extends RandomGenerator> chance)
    implements Clocks {

  public TestClocks(InstantSource wall, LongSupplier nanos) {
    this(wall, nanos, ThreadLocalRandom::current);
  }

  /** That time of day, and the monotonic clock of the process. */
  public static Clocks of(InstantSource wall) {
    return wall::instant;
  }

  /** These clocks, with the same source of chance for each thread. */
  public static Clocks seeded(Clocks clock, long seed) {
    RandomGenerator random = new Random(seed);
    return new TestClocks(clock, clock::nanoTime, () -> random);
  }

  /** These clocks, with numbers below a bound that the operator gives. */
  public static Clocks drawing(Clocks clock, LongUnaryOperator below) {
    RandomGenerator random =
        new RandomGenerator() {
          @Override
          public long nextLong() {
            throw new AssertionError("a number without a bound");
          }

          @Override
          public long nextLong(long bound) {
            return below.applyAsLong(bound);
          }
        };
    return new TestClocks(clock, clock::nanoTime, () -> random);
  }

  @Override
  public Instant instant() {
    return wall.instant();
  }

  @Override
  public long nanoTime() {
    return nanos.getAsLong();
  }

  @Override
  public RandomGenerator random() {
    return chance.get();
  }
}
