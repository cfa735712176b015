package dev.tokenbroker.bench;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * So many calls through one edge, a fixed number of them in flight: each that ends starts the next,
 * on the thread that brought its answer.
 */
final class Calls {

  private static final int LIMIT_MINUTES = 20;

  private final Edge edge;
  private final int first;
  private final long[] nanos;
  private final AtomicInteger next = new AtomicInteger();
  private final Map<String, LongAdder> endings = new ConcurrentHashMap<>();
  private final CountDownLatch open;

  private Calls(Edge edge, int first, int callers, int calls) {
    this.edge = edge;
    this.first = first;
    this.nanos = new long[calls];
    this.open = new CountDownLatch(callers);
  }

  /**
   * How they went.
   *
   * @param perSecond calls ended in a second
   * @param p50Micros what half of them took at most
   * @param p99Micros what 99 in 100 took at most
   * @param maxMicros the longest
   * @param endings how many ended how
   */
  record Result(
      int calls,
      double perSecond,
      double p50Micros,
      double p99Micros,
      double maxMicros,
      Map<String, Long> endings) {}

  /**
   * Makes the calls and waits for the last one.
   *
   * @param first the number of the first call
   */
  static Result make(Edge edge, int first, int callers, int calls) {
    Calls all = new Calls(edge, first, Math.min(callers, calls), calls);
    long began = System.nanoTime();
    for (int caller = 0; caller < callers; caller++) {
      all.step();
    }
    all.await();
    return all.result(System.nanoTime() - began);
  }

  private void step() {
    int at = next.getAndIncrement();
    if (at >= nanos.length) {
      open.countDown();
      return;
    }
    long start = System.nanoTime();
    edge.call(
        first + at,
        ending -> {
          nanos[at] = System.nanoTime() - start;
          endings.computeIfAbsent(ending, any -> new LongAdder()).increment();
          step();
        });
  }

  private void await() {
    try {
      if (!open.await(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException("calls are still open after " + LIMIT_MINUTES + " min");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while calls are open", e);
    }
  }

  private Result result(long took) {
    Arrays.sort(nanos);
    int calls = nanos.length;
    Map<String, Long> ended = new TreeMap<>();
    endings.forEach((ending, count) -> ended.put(ending, count.sum()));
    return new Result(
        calls,
        calls / (took / 1e9),
        nanos[calls / 2] / 1e3,
        nanos[(int) (calls * 0.99)] / 1e3,
        nanos[calls - 1] / 1e3,
        ended);
  }
}
