package dev.tokenbroker.peers.http;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * Gives the permits for probes of one peer: one after each time without a call to it. In any window
 * of length W there are at most 1 + W / time permits, whatever else happens. The permits are apart
 * from those of callers, so no caller waits for one.
 *
 * <p>Each wait is up to a fifth longer by chance, so that peers are not probed all at once. Safe
 * for use by several threads.
 */
public final class ProbeTurn {

  /** How much longer than the time a wait may be, as a part of it. */
  static final double MAX_SPREAD = 0.2;

  private final LongSupplier nanoTime;
  private volatile long activeNanos;
  private double spread = drawn();

  /**
   * The first permit is given when the time has passed from now on.
   *
   * @param nanoTime as {@link System#nanoTime()}
   */
  public ProbeTurn(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.activeNanos = nanoTime.getAsLong();
  }

  /** Takes note of a call to the peer. */
  public void active() {
    activeNanos = nanoTime.getAsLong();
  }

  /** Takes the permit if there was neither a call nor a permit for that time. */
  public synchronized boolean take(Duration time) {
    long now = nanoTime.getAsLong();
    if (now - activeNanos < time.toNanos() * (1 + spread)) {
      return false;
    }
    activeNanos = now;
    spread = drawn();
    return true;
  }

  private static double drawn() {
    return ThreadLocalRandom.current().nextDouble(MAX_SPREAD);
  }
}
