package dev.tokenbroker.issuer;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The two times: what time it is, for comparing with others, and how much has passed, which no
 * change of the wall clock disturbs.
 *
 * @param wall the time of day
 * @param nanoTime as {@link System#nanoTime()}: only differences mean something
 */
record Clocks(InstantSource wall, LongSupplier nanoTime) {

  long nanos() {
    return nanoTime.getAsLong();
  }
}
