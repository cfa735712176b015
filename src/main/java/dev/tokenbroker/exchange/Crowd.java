package dev.tokenbroker.exchange;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that have more to evaluate than they have time for. Where they are as many as there
 * are processors, no processor is to be had that would do it sooner. Safe for use by any number of
 * threads.
 */
public final class Crowd {

  private final int processors;
  private final AtomicInteger threads = new AtomicInteger();

  /** Begins without such a thread. */
  public Crowd(int processors) {
    this.processors = processors;
  }

  /** A crowd that never is everywhere, for threads of which nothing is known. */
  static Crowd none() {
    return new Crowd(Integer.MAX_VALUE);
  }

  /** One more thread has more than it has time for. */
  void come() {
    threads.incrementAndGet();
  }

  /** One has time again. */
  void leave() {
    threads.decrementAndGet();
  }

  /** Whether all processors have such a thread. */
  boolean isEverywhere() {
    return threads.get() >= processors;
  }
}
