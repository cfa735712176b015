package dev.tokenbroker.outcome;

import java.time.Duration;

/**
 * The moment after which nobody waits for the answer any more. Measured on the monotonic clock, so
 * that a change of the wall clock neither shortens nor extends a wait.
 */
public final class Deadline {

  private static final Deadline AT_ONCE = new Deadline(Long.MAX_VALUE, false);

  private final long nanoTime;
  private final boolean leavesTime;

  private Deadline(long nanoTime, boolean leavesTime) {
    this.nanoTime = nanoTime;
    this.leavesTime = leavesTime;
  }

  /** A deadline that far from now; a negative duration has passed already. */
  public static Deadline after(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos(), true);
  }

  /**
   * One that leaves no time to wait for anything and yet never passes: for work on a thread that
   * must not wait. What would wait refuses with {@code DEADLINE_EXCEEDED} instead.
   */
  public static Deadline atOnce() {
    return AT_ONCE;
  }

  /** What is left to wait for something, never negative. */
  public Duration remaining() {
    return leavesTime ? Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime())) : Duration.ZERO;
  }

  public boolean hasPassed() {
    return leavesTime && nanoTime - System.nanoTime() <= 0;
  }

  /** The later of the two. */
  public Deadline later(Deadline other) {
    return other.nanoTime - nanoTime > 0 ? other : this;
  }

  /** The earlier of this one and one that far from now; nothing is earlier than at once. */
  public Deadline within(Duration limit) {
    if (!leavesTime) {
      return this;
    }
    Deadline other = after(limit);
    return other.nanoTime - nanoTime < 0 ? other : this;
  }
}
