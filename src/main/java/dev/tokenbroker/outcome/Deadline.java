package dev.tokenbroker.outcome;

import java.time.Duration;

/**
 * The moment after which nobody waits for the answer any more. Measured on the monotonic clock, so
 * that a change of the wall clock neither shortens nor extends a wait.
 */
public final class Deadline {

  private static final Deadline AT_ONCE = new Deadline(Long.MAX_VALUE, false, true);

  private final long nanoTime;
  private final boolean leavesTime;
  private final boolean isCallers;

  private Deadline(long nanoTime, boolean leavesTime, boolean isCallers) {
    this.nanoTime = nanoTime;
    this.leavesTime = leavesTime;
    this.isCallers = isCallers;
  }

  /** A caller's deadline, that far from now; a negative duration has passed already. */
  public static Deadline after(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos(), true, true);
  }

  /**
   * The longest that is worked at something for whoever waits: when it passes, some may have time
   * left, and what was waited for has taken too long.
   */
  public static Deadline limit(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos(), true, false);
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

  /**
   * Why that is refused which was not done in time: {@code DEADLINE_EXCEEDED} where it is a
   * caller's deadline, otherwise the reason given.
   */
  public RefusalReason passed(RefusalReason tooLong) {
    return isCallers ? RefusalReason.DEADLINE_EXCEEDED : tooLong;
  }

  /** The earlier of this one and one that far from now; nothing is earlier than at once. */
  public Deadline within(Duration limit) {
    if (!leavesTime) {
      return this;
    }
    Deadline other = limit(limit);
    return other.nanoTime - nanoTime < 0 ? other : this;
  }
}
