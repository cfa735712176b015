package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The queue of one stream of events. It holds {@value #MAX_QUEUED} events at most. If the reader is
 * slower, the oldest are dropped and counted. It ends with the right of its operator, and after
 * {@link #LIFETIME}. Safe for use by several threads.
 */
public final class ChangeWatch implements AutoCloseable {

  /** After this time the operator has to open another stream. */
  public static final Duration LIFETIME = Duration.ofMinutes(10);

  static final int MAX_QUEUED = 256;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<ChangeEvent> queue = new ArrayDeque<>();
  private long missed;
  private boolean woken;
  private volatile boolean closed;
  private volatile StreamRight right = new StreamRight("", Deadline.limit(LIFETIME), () -> false);

  /** What a reader gets. */
  public sealed interface WatchedChange {

    /**
     * The next event.
     *
     * @param missed how many events before it were dropped
     */
    record NextChange(ChangeEvent event, long missed) implements WatchedChange {}

    /** No event came in time, or the reader was woken for something else. */
    record NoChange() implements WatchedChange {}

    /** The watch has ended. */
    record WatchEnded() implements WatchedChange {}
  }

  /** The operator of a stream, and how long it may read. */
  private record StreamRight(String operator, Deadline end, BooleanSupplier revoked) {

    boolean hasEnded() {
      return end.hasPassed() || revoked.getAsBoolean();
    }
  }

  /**
   * Gives the watch to an operator; without this call it has the longest life.
   *
   * @param left the time until the token of the operator expires
   * @param revoked whether the token was revoked; must not wait
   */
  public void belongTo(String operator, Duration left, BooleanSupplier revoked) {
    right = new StreamRight(operator, Deadline.limit(LIFETIME).within(left), revoked);
  }

  boolean belongsTo(ChangeWatch other) {
    return right.operator().equals(other.right.operator());
  }

  /** Adds an event; drops the oldest if there is no room. */
  void offer(ChangeEvent event) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (queue.size() == MAX_QUEUED) {
        queue.removeFirst();
        missed++;
      }
      queue.addLast(event);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the next event, so it must not run on an event loop. */
  public WatchedChange next(Duration patience) throws InterruptedException {
    long left = Math.min(patience.toNanos(), right.end().remaining().toNanos());
    lock.lock();
    try {
      while (queue.isEmpty() && !closed && !woken && left > 0) {
        left = arrived.awaitNanos(left);
      }
      woken = false;
      if (isClosed()) {
        return new WatchedChange.WatchEnded();
      }
      ChangeEvent event = queue.pollFirst();
      if (event == null) {
        return new WatchedChange.NoChange();
      }
      long dropped = missed;
      missed = 0;
      return new WatchedChange.NextChange(event, dropped);
    } finally {
      lock.unlock();
    }
  }

  /** Makes a reader that waits now, or the next one, return at once: its stream has other news. */
  public void wake() {
    lock.lock();
    try {
      woken = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the watch has ended, or its operator may read no longer. */
  public boolean isClosed() {
    return closed || right.hasEnded();
  }

  /** Ends the watch; a waiting reader returns at once. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      queue.clear();
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
