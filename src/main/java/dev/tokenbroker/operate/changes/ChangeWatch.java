package dev.tokenbroker.operate.changes;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The queue of one stream of events. It holds {@value #MAX_QUEUED} events at most. If the reader is
 * slower, the oldest are dropped and counted. Safe for use by several threads.
 */
public final class ChangeWatch implements AutoCloseable {

  static final int MAX_QUEUED = 256;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<ChangeEvent> queue = new ArrayDeque<>();
  private long missed;
  private boolean woken;
  private boolean closed;

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
    long left = patience.toNanos();
    lock.lock();
    try {
      while (queue.isEmpty() && !closed && !woken && left > 0) {
        left = arrived.awaitNanos(left);
      }
      woken = false;
      if (closed) {
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

  /** Whether the watch has ended. */
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
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
