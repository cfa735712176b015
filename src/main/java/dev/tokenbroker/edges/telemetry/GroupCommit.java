package dev.tokenbroker.edges.telemetry;

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
 * Writes lines in groups on one thread of its own. The thread takes all waiting lines, writes them
 * together and then completes their futures. So many callers share one write, and none of their
 * threads blocks. Safe for use by any number of threads.
 *
 * <p>A write that has not ended after {@value #STALL_MILLIS} ms is a stall. It is logged once, and
 * {@link #isWriting} is false until a write ends. Meanwhile at most {@value #MOST} lines wait. A
 * line that waits for longer than the patience fails.
 */
final class GroupCommit implements AutoCloseable {

  /** Writes lines and returns after they are written. Each line ends with a line break. */
  @FunctionalInterface
  interface Sink {
    void write(byte[] lines) throws IOException;
  }

  static final int MOST = 16_384;
  static final int MOST_AT_ONCE = 256;
  static final int STALL_MILLIS = 1_000;
  static final int FAILED_SECONDS = 10;

  private static final Logger LOG = Logger.getLogger(GroupCommit.class);
  private static final int TYPICAL_BYTES = 1024;
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(250);

  private final String name;
  private final Sink sink;
  private final long patienceNanos;
  private final LongSupplier nanoTime;
  private final BlockingQueue<WaitingLine> waiting = new LinkedBlockingQueue<>(MOST);
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("audit-watch").factory());

  /** Wakes the writer on {@link #close}. */
  private final WaitingLine end = new WaitingLine(new byte[0], 0);

  /** Runs log calls, which may block: the log mostly goes where the records go. */
  private final ExecutorService reports =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("audit-reports").factory());

  private final Thread writer;

  /** The lines being written; empty between writes. Guarded by this. */
  private List<WaitingLine> writing = List.of();

  private long writingSinceNanos;
  private volatile boolean failing;
  private volatile long failedNanos;
  private volatile boolean stalled;
  private volatile boolean closing;
  private volatile boolean ended;

  /**
   * @param name the name of the destination, for the log
   * @param patience how long a line waits at most
   */
  GroupCommit(String name, Sink sink, Duration patience) {
    this(name, sink, patience, System::nanoTime, WATCH_INTERVAL);
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   * @param watchInterval the time between two checks for a stall
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

  /** A waiting line; completes once it is written. */
  private static final class WaitingLine extends CompletableFuture<Void> {

    private final byte[] bytes;
    private final long sinceNanos;

    WaitingLine(byte[] bytes, long nowNanos) {
      this.bytes = bytes;
      this.sinceNanos = nowNanos;
    }

    boolean isLate(long nowNanos, long patienceNanos) {
      return nowNanos - sinceNanos > patienceNanos;
    }

    /** Completes with the failure, an I/O failure as an {@link UncheckedIOException}. */
    void fail(Throwable failure) {
      completeExceptionally(
          failure instanceof IOException broken
              ? new UncheckedIOException("an audit record was not written", broken)
              : failure);
    }
  }

  /**
   * Queues a line for writing.
   *
   * @return completes on the writer's thread once the line is written. It fails with an {@link
   *     UncheckedIOException} if the line could not be written, which is logged here, and with a
   *     {@link RejectedExecutionException} if the queue is full
   */
  CompletionStage<Void> write(byte[] line) {
    WaitingLine added = new WaitingLine(line, nanoTime.getAsLong());
    if (!waiting.offer(added)) {
      added.fail(new RejectedExecutionException(MOST + " records wait to be written"));
    } else if (ended && waiting.remove(added)) {
      added.fail(new IOException("the broker has stopped"));
    }
    return added;
  }

  /** The name of the destination. */
  String name() {
    return name;
  }

  /**
   * Whether lines can be written, as far as is known: no write is stalled, and none has failed in
   * the last {@value #FAILED_SECONDS} s. After that time the next line tries again.
   */
  boolean isWriting() {
    return !stalled
        && (!failing
            || nanoTime.getAsLong() - failedNanos > TimeUnit.SECONDS.toNanos(FAILED_SECONDS));
  }

  /** Writes the waiting lines and ends the threads; waits for {@value #STALL_MILLIS} ms at most. */
  @Override
  public void close() {
    watch.shutdownNow();
    closing = true;
    // An interrupt would disturb a write. If the queue is full, the writer is awake.
    waiting.offer(end);
    try {
      writer.join(Duration.ofMillis(STALL_MILLIS));
      reports.shutdown();
      reports.awaitTermination(STALL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<WaitingLine> lines = new ArrayList<>(MOST_AT_ONCE);
    while (!closing || !waiting.isEmpty()) {
      try {
        lines.add(waiting.take());
      } catch (InterruptedException _) {
        closing = true; // no code of ours interrupts it
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
    for (WaitingLine late = waiting.poll(); late != null; late = waiting.poll()) {
      late.fail(stopped);
    }
  }

  private void write(List<WaitingLine> lines) {
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
    for (WaitingLine line : lines) {
      if (failure == null) {
        line.complete(null);
      } else {
        line.fail(failure);
      }
    }
  }

  private static byte[] bytes(List<WaitingLine> lines) {
    if (lines.size() == 1) {
      return lines.getFirst().bytes;
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream(lines.size() * TYPICAL_BYTES);
    lines.forEach(line -> all.writeBytes(line.bytes));
    return all.toByteArray();
  }

  /** Logs the first of a series of failures, and the end of the series. */
  private synchronized void written(@Nullable Throwable failure) {
    writing = List.of();
    boolean wasTrouble = stalled || failing;
    stalled = false;
    if (failure == null && wasTrouble) {
      failing = false;
      report(() -> LOG.infof("%s takes audit records again", name));
    } else if (failure instanceof IOException) {
      failedNanos = nanoTime.getAsLong();
      boolean began = !failing;
      failing = true;
      if (!began) {
        return;
      }
      report(
          () ->
              LOG.errorf("%s takes no audit records, so exchanges are refused: %s", name, failure));
    }
  }

  /** Checks for a stall, and fails the lines that have waited for too long in it. */
  void watch() {
    long now = nanoTime.getAsLong();
    List<WaitingLine> late = stalledAt(now);
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

  /** The lines whose write stalls. The lock keeps a stall from outliving its write. */
  private synchronized List<WaitingLine> stalledAt(long nowNanos) {
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
      // close() has ended the executor while a write stalled.
    }
  }
}
