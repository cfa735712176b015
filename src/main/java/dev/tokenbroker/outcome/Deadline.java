package dev.tokenbroker.outcome;

import java.time.Duration;

/**
 * The moment after which nobody waits for the answer any more. Measured on the monotonic clock, so
 * that a change of the wall clock neither shortens nor extends a wait.
 */
public final class Deadline {

  private final long nanoTime;
  private final boolean isCallers;

  private Deadline(long nanoTime, boolean isCallers) {
    this.nanoTime = nanoTime;
    this.isCallers = isCallers;
  }

  /** A caller's deadline, that far from now; a negative duration has passed already. */
  public static Deadline after(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos(), true);
  }

  /**
   * The longest that is worked at something for whoever waits: when it passes, some may have time
   * left, and what was waited for has taken too long.
   */
  public static Deadline limit(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos(), false);
  }

  /** What is left to wait for something, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  public boolean hasPassed() {
    return nanoTime - System.nanoTime() <= 0;
  }

  /**
   * Why that is refused which was not done in time: {@code DEADLINE_EXCEEDED} where it is a
   * caller's deadline, otherwise the reason given.
   */
  public RefusalReason passed(RefusalReason tooLong) {
    return isCallers ? RefusalReason.DEADLINE_EXCEEDED : tooLong;
  }

  /** The earlier of this one and one that far from now. */
  public Deadline within(Duration limit) {
    Deadline other = limit(limit);
    return other.nanoTime - nanoTime < 0 ? other : this;
  }

  /** The one of the two that passes later. */
  public Deadline orLater(Deadline other) {
    return other.nanoTime - nanoTime > 0 ? other : this;
  }
}
