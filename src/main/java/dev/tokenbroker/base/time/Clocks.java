package dev.tokenbroker.base.time;

import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * The time of day, for comparison with others; the monotonic clock, which no change of the time of
 * day disturbs; and chance. The defaults are those of the process; a test replaces what it must
 * know. Safe for use by any number of threads.
 */
@FunctionalInterface
public interface Clocks extends InstantSource {

  /** Returns the clocks of the process. */
  static Clocks system() {
    return InstantSource.system()::instant;
  }

  /** As {@link System#nanoTime()}: only differences have a meaning. */
  default long nanoTime() {
    return System.nanoTime();
  }

  /** A source for the calling thread, of jitter and samples; not of secrets. */
  default RandomGenerator random() {
    return ThreadLocalRandom.current();
  }
}
