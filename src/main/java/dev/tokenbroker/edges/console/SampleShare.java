package dev.tokenbroker.edges.console;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many exchanges of one outcome may still be shown in this second: {@value #MOST} at most. Half
 * of them may be shown at once and the others one by one, so that a busy broker does not show only
 * the begin of each second. Safe for use by many threads.
 */
final class SampleShare {

  /** The most that are shown in a second. */
  static final int MOST = 10;

  private static final int AT_ONCE = MOST / 2;

  private final AtomicInteger left = new AtomicInteger();
  private int granted;

  /** Begins a second. For the thread of the feed, as {@link #grantOne} is. */
  void beginSecond() {
    granted = AT_ONCE;
    left.set(AT_ONCE);
  }

  /** Lets one more be shown in this second, up to the limit. */
  void grantOne() {
    if (granted < MOST) {
      granted++;
      left.incrementAndGet();
    }
  }

  /** Takes one, if one is left. */
  boolean take() {
    return left.get() > 0 && left.getAndDecrement() > 0;
  }
}
