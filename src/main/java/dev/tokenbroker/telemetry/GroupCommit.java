package dev.tokenbroker.telemetry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines on one thread of its own: it takes all that wait, writes them together, then
 * releases those who wait for them. So many callers share one write, and none of their threads
 * blocks. Safe for use by any number of threads.
 *
 * <p>A write that has not ended after {@value #STALL_MILLIS} ms is a stall: it is logged once, and
 * {@link #isStalled} says so until a write ends. Lines wait meanwhile, at most {@value #MOST} of
 * them, and each for the patience at most; then it fails.
 */
final class GroupCommit implements AutoCloseable {

  /** Writes lines, each of which ends with a line break; returns once they are written. */
  @FunctionalInterface
  interface Sink {
    void write(byte[] lines) throws IOException;
  }

  static final int MOST = 16_384;
  static final int MOST_AT_ONCE = 256;
  static final int STALL_MILLIS = 1_000;

  private static final Logger LOG = Logger.getLogger(GroupCommit.class);
  private static final int TYPICAL_BYTES = 1024;
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(250);

  private final String name;
  private final Sink sink;
  private final long patienceNanos;
  private final LongSupplier nanoTime;
  private final BlockingQueue<Line> waiting = new LinkedBlockingQueue<>(MOST);
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("audit-watch").factory());

  /** Wakes the writer when this is closed. */
  private final Line end = new Line(new byte[0], 0);

  /** Logs, which may block: the log mostly goes where the records go. */
  private final ExecutorService reports =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("audit-reports").factory());

  private final Thread writer;

  /** What is being written; empty while nothing is. Changed under the lock of this object. */
  private List<Line> writing = List.of();

  private long writingSinceNanos;
  private boolean failing;
  private volatile boolean stalled;
  private volatile boolean closing;
  private volatile boolean ended;

  /**
   * @param name of what is written to, in the log
   * @param patience how long a line waits at most
   */
  GroupCommit(String name, Sink sink, Duration patience) {
    this(name, sink, patience, System::nanoTime, WATCH_INTERVAL);
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   * @param watchInterval the time between two looks for a stall
   */
  GroupCommit(
      String name, Sink sink, Duration patience, LongSupplier nanoTime, Duration watchInterval) {
    this.name = name;
    this.sink = sink;
    this.patienceNanos = patience.toNanos();
    this.nanoTime = nanoTime;
    this.writer = Thread.ofPlatform().daemon().name("audit").start(this::run);
    long interval = watchInterval.toMillis();
    var _ = watch.scheduleWithFixedDelay(this::watch, interval, interval, TimeUnit.MILLISECONDS);
  }

  /** A line that waits to be written, and tells once it is. */
  private static final class Line extends CompletableFuture<Void> {

    private final byte[] bytes;
    private final long sinceNanos;

    Line(byte[] bytes, long nowNanos) {
      this.bytes = bytes;
      this.sinceNanos = nowNanos;
    }

    boolean isLate(long nowNanos, long patienceNanos) {
      return nowNanos - sinceNanos > patienceNanos;
    }

    /** Completes with an {@link UncheckedIOException} where it could not be written. */
    void fail(Throwable failure) {
      completeExceptionally(
          failure instanceof IOException broken
              ? new UncheckedIOException("an audit record was not written", broken)
              : failure);
    }
  }

  /**
   * Has a line written.
   *
   * @return completes on the writer's thread; with an {@link UncheckedIOException} where the line
   *     could not be written, which is logged here, and with a {@link RejectedExecutionException}
   *     where as many wait as may
   */
  CompletionStage<Void> write(byte[] line) {
    Line added = new Line(line, nanoTime.getAsLong());
    if (!waiting.offer(added)) {
      added.fail(new RejectedExecutionException(MOST + " records wait to be written"));
    } else if (ended && waiting.remove(added)) {
      added.fail(new IOException("the broker has stopped"));
    }
    return added;
  }

  /** Whether a write has not ended for longer than it may take. */
  boolean isStalled() {
    return stalled;
  }

  /** Ends its threads. Waits until what waits is written, unless a write is stalled. */
  @Override
  public void close() {
    watch.shutdownNow();
    closing = true;
    // An interrupt would disturb a write. Where this finds no room, the writer is awake.
    boolean _ = waiting.offer(end);
    try {
      boolean _ = writer.join(Duration.ofMillis(STALL_MILLIS));
      reports.shutdown();
      boolean _ = reports.awaitTermination(STALL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Line> lines = new ArrayList<>(MOST_AT_ONCE);
    while (!closing || !waiting.isEmpty()) {
      try {
        lines.add(waiting.take());
      } catch (InterruptedException _) {
        closing = true; // by nobody of ours
        continue;
      }
      waiting.drainTo(lines, MOST_AT_ONCE - 1);
      boolean _ = closing && lines.remove(end);
      if (!lines.isEmpty()) {
        write(List.copyOf(lines));
      }
      lines.clear();
    }
    ended = true;
    IOException stopped = new IOException("the broker has stopped");
    for (Line late = waiting.poll(); late != null; late = waiting.poll()) {
      late.fail(stopped);
    }
  }

  private void write(List<Line> lines) {
    synchronized (this) {
      writingSinceNanos = nanoTime.getAsLong();
      writing = lines;
    }
    Throwable failure = null;
    try {
      sink.write(bytes(lines));
    } catch (IOException | RuntimeException | Error broken) {
      failure = broken;
    }
    written(failure);
    for (Line line : lines) {
      if (failure == null) {
        line.complete(null);
      } else {
        line.fail(failure);
      }
    }
  }

  private static byte[] bytes(List<Line> lines) {
    if (lines.size() == 1) {
      return lines.getFirst().bytes;
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream(lines.size() * TYPICAL_BYTES);
    lines.forEach(line -> all.writeBytes(line.bytes));
    return all.toByteArray();
  }

  /** Logs the first failure of a time of trouble, and its end. */
  private synchronized void written(@Nullable Throwable failure) {
    writing = List.of();
    boolean wasTrouble = stalled || failing;
    stalled = false;
    if (failure == null && wasTrouble) {
      failing = false;
      report(() -> LOG.infof("%s takes audit records again", name));
    } else if (failure instanceof IOException && !failing) {
      failing = true;
      report(
          () ->
              LOG.errorf("%s takes no audit records, so exchanges are refused: %s", name, failure));
    }
  }

  /** Looks for a stall, and ends the lines that have waited for too long in it. */
  void watch() {
    long now = nanoTime.getAsLong();
    List<Line> late = stalledAt(now);
    if (late.isEmpty()) {
      return;
    }
    IOException why = new IOException("the write of an audit record stalled");
    late.stream().filter(line -> line.isLate(now, patienceNanos)).forEach(line -> line.fail(why));
    waiting.removeIf(
        line -> {
          boolean isLate = line.isLate(now, patienceNanos);
          if (isLate) {
            line.fail(why);
          }
          return isLate;
        });
  }

  /** The lines whose write stalls. Under the lock, so that no stall outlives its write. */
  private synchronized List<Line> stalledAt(long nowNanos) {
    if (writing.isEmpty()
        || nowNanos - writingSinceNanos < TimeUnit.MILLISECONDS.toNanos(STALL_MILLIS)) {
      return List.of();
    }
    if (!stalled) {
      stalled = true;
      report(
          () ->
              LOG.errorf(
                  "%s has not taken an audit record for %d ms: the broker is not ready, and calls"
                      + " wait. Look at the process that reads it.",
                  name, STALL_MILLIS));
    }
    return writing;
  }

  private void report(Runnable log) {
    try {
      reports.execute(log);
    } catch (RejectedExecutionException _) {
      // It is closed, while a write was stalled.
    }
  }
}
