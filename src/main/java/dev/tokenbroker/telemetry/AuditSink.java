package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.ExchangeRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes audit records in batches, and tells each caller once its own is written: a group commit
 * without a thread of its own.
 *
 * <p>Threads hand records over with one compare-and-set and then ask for a commit, an event loop
 * once for all that it took in one turn. Whoever finds nobody writing takes what waits, from
 * whichever thread it is, renders it, hands it to the output in one write and tells everyone; who
 * finds somebody writing leaves its records to that one. A writer thread would cost each record a
 * wake-up, which is more than the write itself (see {@code src/docs/performance.md}). Records of
 * one thread keep their order.
 *
 * <p>Nothing is answered unrecorded: who gets {@code false} from {@link #offer}, or is told that
 * the record is lost, must refuse. At most {@code capacity} records wait and as many are being
 * written; an output that stalls holds the one thread that writes, and makes {@link #offer} say no
 * to the others. After a write that failed, which may have torn a line, the next batch begins on a
 * line of its own.
 *
 * <p>"Written" means handed to the operating system: a line survives the end of this process, not
 * of the machine. Safe for use by many threads.
 */
final class AuditSink implements AutoCloseable {

  private static final Logger log = Logger.getLogger(AuditSink.class);
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final byte[] LINE_BREAK = AuditBytes.ascii("\n");

  private final AtomicReference<Waiting> waiting = new AtomicReference<>(Waiting.NONE);
  private final OutputStream output;
  private final int capacity;

  /** Held by whoever writes; guards all that follows. */
  private final ReentrantLock writing = new ReentrantLock();

  private final AuditBytes bytes = new AuditBytes(BUFFER_BYTES);
  private final AuditRenderer renderer = new AuditRenderer(bytes);
  private final Deque<Entry> batch = new ArrayDeque<>();
  private boolean torn;

  /**
   * @param output where lines go; used by one thread at a time, never closed, and not buffered
   * @param capacity how many records may wait
   */
  AuditSink(OutputStream output, int capacity) {
    this.output = output;
    this.capacity = capacity;
  }

  /** Is told what became of a record, on the thread that writes: it must not block. */
  @FunctionalInterface
  interface Receipt {

    /**
     * The record is written, or lost.
     *
     * @param written whether the record is with the operating system; if not, it is lost
     */
    void ended(boolean written);
  }

  /**
   * Hands a record over, which is written with the next commit.
   *
   * @param receipt told once, unless this refuses
   * @return whether it is taken; if not, too many wait or the sink is closed
   */
  boolean offer(ExchangeRecord record, Receipt receipt) {
    Entry entry = new Entry(record, receipt);
    while (true) {
      Waiting before = waiting.get();
      if (before.closed() || before.count() >= capacity) {
        return false;
      }
      if (waiting.compareAndSet(before, before.with(entry))) {
        return true;
      }
    }
  }

  /**
   * Has what waits written: by this thread, unless another one is at it and will see to it. So what
   * this thread has handed over is written when this returns, or soon after.
   */
  void commit() {
    // Who comes while this thread writes leaves: so look again after each batch. A receipt that
    // asks for a commit is inside of one.
    while (waiting.get().count() > 0 && !writing.isHeldByCurrentThread() && writing.tryLock()) {
      try {
        commitBatch();
      } finally {
        writing.unlock();
      }
    }
  }

  /** Takes no more, and returns once all that was taken is written. */
  @Override
  public void close() {
    waiting.updateAndGet(Waiting::end);
    writing.lock();
    try {
      commitBatch();
    } finally {
      writing.unlock();
    }
  }

  private void commitBatch() {
    boolean written = false;
    try {
      take(waiting.getAndUpdate(before -> before.closed() ? Waiting.CLOSED : Waiting.NONE));
      bytes.cut(0);
      if (torn) {
        bytes.raw(LINE_BREAK);
      }
      batch.forEach(this::render);
      written = bytes.length() == 0 || flush();
    } finally {
      // After an error, too: nobody may be left waiting.
      tellAll(written);
    }
  }

  private void take(Waiting taken) {
    for (Waiting each = taken; each.newest() != null; each = each.below()) {
      batch.addFirst(each.newest());
    }
  }

  private void render(Entry entry) {
    try {
      renderer.add(entry.record);
      entry.rendered = true;
    } catch (RuntimeException bug) {
      log.errorf("An audit record cannot be rendered: %s", bug.getClass().getName());
    }
  }

  private boolean flush() {
    try {
      output.write(bytes.array(), 0, bytes.length());
      output.flush();
      torn = false;
      return true;
    } catch (IOException e) {
      if (!torn) {
        log.errorf("Audit records cannot be written, and exchanges are refused: %s", e);
      }
      torn = true;
      return false;
    }
  }

  private void tellAll(boolean written) {
    for (Entry entry = batch.poll(); entry != null; entry = batch.poll()) {
      try {
        entry.receipt.ended(written && entry.rendered);
      } catch (RuntimeException bug) {
        // One caller's bug must not keep the others from their answers.
        log.errorf("An audit receipt failed: %s", bug.getClass().getName());
      }
    }
  }

  private static final class Entry {
    private final ExchangeRecord record;
    private final Receipt receipt;
    private boolean rendered;

    Entry(ExchangeRecord record, Receipt receipt) {
      this.record = record;
      this.receipt = receipt;
    }
  }

  /**
   * The records that wait, the newest on top.
   *
   * @param newest null where none waits
   */
  private record Waiting(
      @Nullable Entry newest, @Nullable Waiting rest, int count, boolean closed) {

    static final Waiting NONE = new Waiting(null, null, 0, false);
    static final Waiting CLOSED = new Waiting(null, null, 0, true);

    Waiting with(Entry entry) {
      return new Waiting(entry, this, count + 1, closed);
    }

    Waiting end() {
      return new Waiting(newest, rest, count, true);
    }

    Waiting below() {
      return rest == null ? NONE : rest;
    }
  }
}
