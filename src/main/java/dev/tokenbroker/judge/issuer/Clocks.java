package dev.tokenbroker.judge.issuer;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The wall clock, for comparison with others, and the monotonic clock for durations, which no
 * change of the wall clock disturbs.
 *
 * @param wall the time of day
 * @param nanoTime as {@link System#nanoTime()}: only differences have a meaning
 */
record Clocks(InstantSource wall, LongSupplier nanoTime) {

  long nanos() {
    return nanoTime.getAsLong();
  }
}
