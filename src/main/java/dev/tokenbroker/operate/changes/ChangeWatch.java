package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.refusal.Deadline;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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

  private static final WatchedChange BELL = new WatchedChange.NoChange();

  private final BlockingQueue<WatchedChange> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
  private final AtomicBoolean rung = new AtomicBoolean(); // a bell is in the queue
  private final AtomicLong missed = new AtomicLong();
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
    WatchedChange next = new WatchedChange.NextChange(event, 0);
    while (!closed && !queue.offer(next)) {
      if (queue.poll() instanceof WatchedChange.NextChange) {
        missed.incrementAndGet();
      } else {
        rung.set(false);
      }
    }
  }

  /** Waits for the next event, so it must not run on an event loop. */
  public WatchedChange next(Duration patience) throws InterruptedException {
    long left = Math.min(patience.toNanos(), right.end().remaining().toNanos());
    WatchedChange next = closed ? null : queue.poll(left, TimeUnit.NANOSECONDS);
    if (isClosed()) {
      return new WatchedChange.WatchEnded();
    }
    if (next instanceof WatchedChange.NextChange(ChangeEvent event, long _)) {
      return new WatchedChange.NextChange(event, missed.getAndSet(0));
    }
    rung.set(false);
    return BELL;
  }

  /** Makes a reader that waits now, or the next one, return at once: its stream has other news. */
  public void wake() {
    // The reader of a full queue does not wait.
    if (rung.compareAndSet(false, true) && !queue.offer(BELL)) {
      rung.set(false);
    }
  }

  /** Whether the watch has ended, or its operator may read no longer. */
  public boolean isClosed() {
    return closed || right.hasEnded();
  }

  /** Ends the watch; a waiting reader returns at once. */
  @Override
  public void close() {
    closed = true;
    boolean _ = queue.offer(BELL);
  }
}
