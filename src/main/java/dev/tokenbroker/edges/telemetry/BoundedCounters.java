package dev.tokenbroker.edges.telemetry;

import io.micrometer.core.instrument.Counter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Counters by the name of an issuer or a rule and one more label, created at first use.
 *
 * <p>Names come from the federation, but counters outlive the revisions that have them. So there
 * are at most {@value #MAX_COUNTERS} counters, plus at most one for each thread that reaches the
 * limit at the same time. Later labels are counted under the name {@value #OTHER}. Safe for use by
 * many threads.
 *
 * @param <K> the second label
 */
final class BoundedCounters<K> {

  static final int MAX_COUNTERS = 4096;

  /** The name under which everything past the limit is counted. */
  static final String OTHER = "other";

  private final BiFunction<String, K, Counter> make;
  private final UnaryOperator<K> pastLimit;
  private final Map<String, Map<K, Counter>> counters = new ConcurrentHashMap<>();
  private final Map<K, Counter> others = new ConcurrentHashMap<>();
  private final AtomicInteger made = new AtomicInteger();

  /**
   * @param make makes the counter of a name and a second label
   * @param pastLimit the second label to count under past the limit, out of a small set
   */
  BoundedCounters(BiFunction<String, K, Counter> make, UnaryOperator<K> pastLimit) {
    this.make = make;
    this.pastLimit = pastLimit;
  }

  void increment(String name, K key) {
    Map<K, Counter> ofName = counters.get(name);
    Counter counter = ofName == null ? null : ofName.get(key);
    if (counter == null) {
      counter = made.get() < MAX_COUNTERS ? added(name, key) : other(key);
    }
    counter.increment();
  }

  private Counter added(String name, K key) {
    return counters
        .computeIfAbsent(name, _ -> new ConcurrentHashMap<>())
        .computeIfAbsent(
            key,
            label -> {
              made.incrementAndGet();
              return make.apply(name, label);
            });
  }

  private Counter other(K key) {
    return others.computeIfAbsent(pastLimit.apply(key), label -> make.apply(OTHER, label));
  }
}
