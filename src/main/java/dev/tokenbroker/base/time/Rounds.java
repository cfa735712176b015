package dev.tokenbroker.base.time;

import dev.tokenbroker.base.text.BugReport;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Repeats work on a daemon thread of its own until it is closed. A bug in a round does not end the
 * rounds; each is logged once until a round succeeds. Safe for use by any number of threads.
 */
public final class Rounds implements AutoCloseable {

  private final Logger log;
  private final String failing;
  private final ScheduledExecutorService thread;
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private volatile boolean failed;
  private volatile boolean closed;

  /**
   * @param owner whose log tells bugs
   * @param thread the name of the thread
   * @param failing what a bug prevents, for the log: "Probes could not be begun"
   */
  public Rounds(Class<?> owner, String thread, String failing) {
    this.log = Logger.getLogger(owner);
    this.failing = failing;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name(thread).factory());
  }

  /**
   * Begins the rounds.
   *
   * @param delay the time until the first one
   * @param interval the time between the end of a round and the next one
   */
  public void begin(Duration delay, Duration interval, Runnable round) {
    var _ =
        thread.scheduleWithFixedDelay(
            () -> run(round), delay.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Begins rounds of which the first comes after an interval, too. */
  public void begin(Duration interval, Runnable round) {
    begin(interval, interval, round);
  }

  /** Does some work once, in between. */
  public void once(Runnable work) {
    thread.execute(() -> run(work));
  }

  /** Does the work of a round on the calling thread. Never throws. */
  public void run(Runnable round) {
    failed = false;
    boolean _ = part(round);
    if (!failed) {
      told.clear();
    }
  }

  /**
   * Does a part of a round, which does not keep the other parts from their turn. Never throws.
   *
   * @return whether it ended without a bug
   */
  public boolean part(Runnable part) {
    try {
      part.run();
      return true;
    } catch (RuntimeException | Error bug) {
      failed = true;
      report(bug);
      return false;
    }
  }

  private void report(Throwable bug) {
    try {
      // After a close, other parts may have ended before this round.
      if (!closed && told.add(origin(bug))) {
        log.errorf("%s: %s", failing, BugReport.of(bug));
      }
    } catch (RuntimeException | Error _) {
      // If memory is short, logging fails as well; the next round still comes.
    }
  }

  /** The kind of the bug and where it was thrown. */
  private static String origin(Throwable bug) {
    StackTraceElement[] frames = bug.getStackTrace();
    return bug.getClass().getName() + (frames.length == 0 ? "" : " at " + frames[0]);
  }

  /** Begins no more rounds, interrupts one under way, and says nothing of it. */
  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
  }

  /** As {@link #close()}, and waits for a round under way. */
  public void close(Duration most) {
    close();
    await(most);
  }

  /** Begins no more rounds, and waits for a round and other work under way. */
  public void finish(Duration most) {
    thread.shutdown();
    await(most);
  }

  private void await(Duration most) {
    try {
      thread.awaitTermination(most.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
