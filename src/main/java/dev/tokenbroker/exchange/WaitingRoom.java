package dev.tokenbroker.exchange;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Those who were admitted and wait for a processor: how many there may be, adapted to how long it
 * takes them. Safe for use by any number of threads, without locks.
 */
final class WaitingRoom {

  /*
   * What is measured. An evaluation that is not made at once waits, between being admitted and being begun, in the queue of its
   * event loop or of the scheduler of virtual threads, for a processor. This delay is the broker's own slowness and nothing else: it grows when processors are
   * short, whoever took them, and not when evaluations wait for an issuer or an upstream, since they have begun by
   * then and given their processor back. So a thousand callers on a hanging upstream do not shut the door for others. (How many
   * they may be at all is the bound on those in flight, in Admission.) Response times, the usual measure of adaptive limits,
   * cannot tell the two apart.
   *
   * Good queue, bad queue (Nichols and Jacobson, "Controlling Queue Delay", 2012). A queue that fills at once and drains is
   * what queues are for: five hundred jobs that start together are served, in 40 ms. A queue that stands, and never drains,
   * serves nobody: it is delay for all. They are told apart by the least length of the queue in a window of 25 ms: if even
   * that takes longer to work off than the target, at the rate at which evaluations begin, in two windows running in which as
   * many came as were begun, the broker is overloaded; a burst that is being worked off is not. (CoDel takes the least delay. A scheduler with several queues always has somebody who is lucky, and
   * the length knows no luck. Stops of the whole process, for garbage or for neighbours, make delays and no standing queue.)
   *
   * While overloaded,
   *   - at the door: as many may wait as are begun in a sixth of the longest time that anybody is to wait (Little's law), two for
   *     each processor at least; this needs no searching, so it fits within a window or two whatever the machine, and however
   *     the load changes. They are few, since they only wait so that a processor has the next at hand; somebody else will come;
   *   - at the processor: who has waited for half the longest time is refused instead of evaluated, which costs a hundredth of
   *     it, so the queue that has built up in the meantime is gone at once, and so is what waited while the process stood still.
   * Without overload neither applies. It ends with a window in which at most one in twenty was refused: as long as more are,
   * there is more load than capacity, and opening the door would only build the queue again.
   *
   * The longest time is twice the target, or more where more is usual: on a machine that is shared, stops of 20 ms may be
   * normal, and refusing for them would waste what capacity there is. What is usual is the longest wait of a window without
   * overload, averaged over some; no more than ten times the target is ever taken for it, so it cannot drift.
   *
   * Two guards. The door never refuses where nobody waits; and if then nothing was begun for eight windows either, the load
   * has gone, and the overload with it. A window of that length is never counted as bad: the process stood still.
   *
   * Simulated against the adaptive limits of Netflix's concurrency-limits in docs/decisions/0012-adaptive-admission.md.
   */

  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long STALE_NANOS = 8 * WINDOW_NANOS;
  private static final int LEAST_ROOM_PER_PROCESSOR = 2;
  private static final int MOST_TARGETS = 10;

  /** What part of the longest wait is the usual one under overload. */
  private static final int ROOM_SHARE = 6;

  /** Over how many windows the rate is averaged: one alone may hold a stop. */
  private static final int RATE_WINDOWS = 8;

  /** And what is usual: a burst now and then is not. */
  private static final int USUAL_WINDOWS = 64;

  private final long targetNanos;
  private final int leastRoom;
  private final LongSupplier nanoTime;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong windowBegan;
  private final AtomicInteger come = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger evaluated = new AtomicInteger();
  private final AtomicInteger leastWaiting = new AtomicInteger(Integer.MAX_VALUE);
  private final AtomicLong longestWait = new AtomicLong();

  /** These are written by whoever closes a window, one at a time. */
  private volatile boolean lastWasBad;

  private volatile boolean overloaded;
  private volatile double perNano;
  private volatile double usualNanos;
  private volatile long limitNanos;
  private volatile long lateNanos;
  private volatile int room;

  /**
   * @param processors how many evaluations are made at a time
   */
  WaitingRoom(Duration target, int processors, LongSupplier nanoTime) {
    this.targetNanos = Math.max(1, target.toNanos());
    this.leastRoom = LEAST_ROOM_PER_PROCESSOR * processors;
    this.room = leastRoom;
    this.limitNanos = 2 * targetNanos;
    this.lateNanos = targetNanos;
    this.nanoTime = nanoTime;
    this.windowBegan = new AtomicLong(nanoTime.getAsLong());
  }

  /** Lets one more wait, or says that there is no room. */
  boolean enter() {
    come.incrementAndGet();
    int others = waiting.getAndIncrement();
    if (others == 0) {
      if (overloaded && isStale()) {
        overloaded = false;
      }
      return true;
    }
    if (!overloaded || others < room) {
      return true;
    }
    waiting.decrementAndGet();
    refused.incrementAndGet();
    return false;
  }

  /** One more has come who need not wait, and is evaluated. */
  void passBy() {
    come.incrementAndGet();
    evaluated.incrementAndGet();
  }

  /** One has given up waiting. */
  void leave() {
    waiting.decrementAndGet();
  }

  /**
   * One has got its thread.
   *
   * @return whether it is to be evaluated; else it has waited for too long
   */
  boolean begin(long waitedNanos) {
    int others = waiting.decrementAndGet();
    closeWindow();
    if (others < leastWaiting.get()) {
      leastWaiting.accumulateAndGet(others, Math::min);
    }
    if (waitedNanos > longestWait.get()) {
      longestWait.accumulateAndGet(waitedNanos, Math::max);
    }
    if (overloaded && waitedNanos > lateNanos) {
      refused.incrementAndGet();
      return false;
    }
    evaluated.incrementAndGet();
    return true;
  }

  boolean isOverloaded() {
    return overloaded && (waiting.get() > 0 || !isStale());
  }

  int waiting() {
    return waiting.get();
  }

  /** How many may wait while overloaded. */
  int room() {
    return room;
  }

  /** Whether nothing was begun for so long that the last window says nothing any more. */
  private boolean isStale() {
    return nanoTime.getAsLong() - windowBegan.get() > STALE_NANOS;
  }

  private void closeWindow() {
    long began = windowBegan.get();
    long now = nanoTime.getAsLong();
    long length = now - began;
    // Counts of this very moment may fall to either window; what matters are parts of hundreds.
    if (length < WINDOW_NANOS || !windowBegan.compareAndSet(began, now)) {
      return;
    }
    int begun = evaluated.getAndSet(0);
    int arrived = come.getAndSet(0);
    double rate = (double) begun / length;
    perNano = perNano == 0 ? rate : average(perNano, rate, RATE_WINDOWS);
    int least = leastWaiting.getAndSet(Integer.MAX_VALUE);
    long longest = longestWait.getAndSet(0);
    boolean stands = least != Integer.MAX_VALUE && least > perNano * limitNanos / 2;
    boolean bad = length <= STALE_NANOS && stands && arrived >= begun;
    boolean pressed = refused.getAndSet(0) * 20L > arrived;
    overloaded = overloaded ? pressed : bad && lastWasBad;
    if (!overloaded && !bad) {
      usualNanos = average(usualNanos, (double) longest, USUAL_WINDOWS);
      limitNanos = Math.clamp((long) usualNanos, 2 * targetNanos, MOST_TARGETS * targetNanos);
    }
    lastWasBad = bad;
    room = Math.clamp((long) (perNano * limitNanos / ROOM_SHARE), leastRoom, Integer.MAX_VALUE);
    // Where evaluations are slow, the room alone takes longer than that.
    lateNanos = Math.max(limitNanos / 2, (long) (2 * room / perNano));
  }

  private static double average(double before, double now, int windows) {
    return before + (now - before) / windows;
  }
}
