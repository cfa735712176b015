package dev.tokenbroker.outcome;

import java.time.Duration;

/**
 * The moment after which nobody waits for the answer any more. Measured on the monotonic clock, so
 * that a change of the wall clock neither shortens nor extends a wait.
 */
public final class Deadline {

  private final long nanoTime;

  private Deadline(long nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A deadline that far from now; a negative duration has passed already. */
  public static Deadline after(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** What is left, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  public boolean hasPassed() {
    return nanoTime - System.nanoTime() <= 0;
  }

  /** The later of the two. */
  public Deadline later(Deadline other) {
    return other.nanoTime - nanoTime > 0 ? other : this;
  }

  /** The earlier of this one and one that far from now. */
  public Deadline within(Duration limit) {
    Deadline other = after(limit);
    return other.nanoTime - nanoTime < 0 ? other : this;
  }
}
