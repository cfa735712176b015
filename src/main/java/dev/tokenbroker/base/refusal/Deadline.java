package dev.tokenbroker.base.refusal;

import java.time.Duration;

/**
 * The moment after which no caller waits for the result. It is measured on the monotonic clock, so
 * that a change of the wall clock neither shortens nor extends a wait.
 */
public final class Deadline {

  private final long nanoTime;
  private final boolean isCallers;

  private Deadline(long nanoTime, boolean isCallers) {
    this.nanoTime = nanoTime;
    this.isCallers = isCallers;
  }

  /** A caller's deadline, this time from now; a negative duration has already passed. */
  public static Deadline after(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos(), true);
  }

  /**
   * The longest time for work that several callers wait for. When it passes, some may have time
   * left, but the work has taken too long.
   */
  public static Deadline limit(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos(), false);
  }

  /** The remaining time, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  public boolean hasPassed() {
    return nanoTime - System.nanoTime() <= 0;
  }

  /**
   * The reason for refusing work that missed this deadline: {@code DEADLINE_EXCEEDED} for a
   * caller's deadline, otherwise the given reason.
   */
  public RefusalReason passed(RefusalReason tooLong) {
    return isCallers ? RefusalReason.DEADLINE_EXCEEDED : tooLong;
  }

  /** The earlier of this deadline and one that is this time from now. */
  public Deadline within(Duration limit) {
    Deadline other = limit(limit);
    return other.nanoTime - nanoTime < 0 ? other : this;
  }

  /** The later of the two deadlines. */
  public Deadline orLater(Deadline other) {
    return other.nanoTime - nanoTime > 0 ? other : this;
  }
}
