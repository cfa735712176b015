package dev.tokenbroker.evaluate.exchange.admission;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Limits the queue of admitted evaluations that wait for a processor. Safe for use by any number of
 * threads, without locks.
 */
final class WaitingRoom {

  /*
   * What is measured. Between being admitted and being begun, an evaluation waits in the queue of
   * the scheduler of virtual threads. This delay is the broker's own slowness and nothing else. It
   * grows when processors are short, and not when evaluations wait for an issuer or an upstream,
   * since those have begun by then. So a thousand callers on a hanging upstream do not shut out
   * others. (Admission bounds those in flight.)
   *
   * Good queue, bad queue (Nichols and Jacobson, "Controlling Queue Delay", 2012). A queue that
   * fills at once and drains does its job. A queue that stands is delay for all. The least length
   * of the queue in a window distinguishes the two. At the rate at which evaluations begin, even
   * that length may take longer to drain than the target. After two such windows in a row, the
   * broker is overloaded. The length is measured and not the delay, since a scheduler with several
   * queues always serves some evaluation at once. Also, a stop of the whole process makes delays
   * but no standing queue.
   *
   * A queue of up to 128 for each processor is never overload, however slow the processor is. A
   * caller in a closed loop is served later, and its deadline bounds how late. So a fresh process,
   * whose code is not compiled yet, refuses no caller.
   *
   * During overload, as many may wait as drain within the target (Little's law), so refusals keep
   * the queue at the target. An evaluation that has waited for twice the target is refused when it
   * gets its thread, which costs a hundredth of an evaluation. Overload ends with a window in which
   * at most one in twenty was refused: while more are, there is more load than capacity.
   *
   * If nothing was begun for eight windows and nothing waits, the load has gone. A window of that
   * length is never bad: the process stood still.
   */

  static final int LEAST_ROOM_PER_PROCESSOR = 128;

  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long STALE_NANOS = 8 * WINDOW_NANOS;

  /** The number of windows over which the rate is averaged: a single one may contain a stop. */
  private static final int RATE_WINDOWS = 8;

  private final long targetNanos;
  private final int leastRoom;
  private final LongSupplier nanoTime;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong windowBegan;
  private final AtomicInteger come = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger leastWaiting = new AtomicInteger(Integer.MAX_VALUE);

  /** Written by the thread that closes a window, one at a time. */
  private volatile boolean lastWasBad;

  private volatile boolean overloaded;
  private volatile double perNano;
  private volatile int room;

  /**
   * @param processors how many evaluations run at a time
   */
  WaitingRoom(Duration target, int processors, LongSupplier nanoTime) {
    this.targetNanos = Math.max(1, target.toNanos());
    this.leastRoom = LEAST_ROOM_PER_PROCESSOR * processors;
    this.room = leastRoom;
    this.nanoTime = nanoTime;
    this.windowBegan = new AtomicLong(nanoTime.getAsLong());
  }

  /** Lets one more evaluation wait; false if there is no room. */
  boolean enter() {
    if (overloaded && !isOverloaded()) {
      overloaded = false; // the load has gone, and this may be the first of a burst
    }
    come.incrementAndGet();
    int others = waiting.getAndIncrement();
    if (!isOverloaded() || others < room) {
      return true;
    }
    waiting.decrementAndGet();
    refused.incrementAndGet();
    return false;
  }

  /** An evaluation has given up waiting. */
  void leave() {
    waiting.decrementAndGet();
  }

  /**
   * An evaluation has got its thread.
   *
   * @return whether to evaluate it; false if it has waited for too long
   */
  boolean begin(long waitedNanos) {
    int others = waiting.decrementAndGet();
    closeWindow();
    if (others < leastWaiting.get()) {
      leastWaiting.accumulateAndGet(others, Math::min);
    }
    if (overloaded && waitedNanos > 2 * targetNanos) {
      refused.incrementAndGet();
      return false;
    }
    begun.incrementAndGet();
    return true;
  }

  boolean isOverloaded() {
    return overloaded && (waiting.get() > 0 || !isStale());
  }

  int waiting() {
    return waiting.get();
  }

  /** How many may wait during overload. */
  int room() {
    return room;
  }

  /** Whether nothing was begun for so long that the last window no longer counts. */
  private boolean isStale() {
    return nanoTime.getAsLong() - windowBegan.get() > STALE_NANOS;
  }

  private void closeWindow() {
    long began = windowBegan.get();
    long now = nanoTime.getAsLong();
    long length = now - began;
    // Counts of this very moment may fall into either window; they are small parts of hundreds.
    if (length < WINDOW_NANOS || !windowBegan.compareAndSet(began, now)) {
      return;
    }
    double rate = (double) begun.getAndSet(0) / length;
    perNano = perNano == 0 ? rate : perNano + (rate - perNano) / RATE_WINDOWS;
    int arrived = come.getAndSet(0);
    int least = leastWaiting.getAndSet(Integer.MAX_VALUE);
    room = (int) Math.clamp(perNano * targetNanos, leastRoom, Integer.MAX_VALUE);
    boolean bad = length <= STALE_NANOS && least != Integer.MAX_VALUE && least > room;
    boolean pressed = refused.getAndSet(0) * 20L > arrived;
    overloaded = overloaded ? pressed : bad && lastWasBad;
    lastWasBad = bad;
  }
}
