package dev.tokenbroker.telemetry;

import io.micrometer.core.instrument.Counter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Counters by an issuer's name and one more label, created at first use.
 *
 * <p>Issuer names come from the federation, but counters outlive the revisions that name them. So
 * there are at most {@value #MAX_COUNTERS} counters, plus at most one for each thread that reaches
 * the limit at the same time. Later labels are counted under the issuer {@value #OTHER}. Safe for
 * use by many threads.
 *
 * @param <K> the second label
 */
final class BoundedCounters<K> {

  static final int MAX_COUNTERS = 4096;

  /** The issuer under which everything past the limit is counted. */
  static final String OTHER = "other";

  private final BiFunction<String, K, Counter> make;
  private final UnaryOperator<K> pastLimit;
  private final Map<String, Map<K, Counter>> counters = new ConcurrentHashMap<>();
  private final Map<K, Counter> others = new ConcurrentHashMap<>();
  private final AtomicInteger made = new AtomicInteger();

  /**
   * @param make makes the counter of an issuer and a second label
   * @param pastLimit the second label to count under past the limit, out of a small set
   */
  BoundedCounters(BiFunction<String, K, Counter> make, UnaryOperator<K> pastLimit) {
    this.make = make;
    this.pastLimit = pastLimit;
  }

  void increment(String issuer, K key) {
    Map<K, Counter> ofIssuer = counters.get(issuer);
    Counter counter = ofIssuer == null ? null : ofIssuer.get(key);
    if (counter == null) {
      counter = made.get() < MAX_COUNTERS ? added(issuer, key) : other(key);
    }
    counter.increment();
  }

  private Counter added(String issuer, K key) {
    return counters
        .computeIfAbsent(issuer, name -> new ConcurrentHashMap<>())
        .computeIfAbsent(
            key,
            label -> {
              made.incrementAndGet();
              return make.apply(issuer, label);
            });
  }

  private Counter other(K key) {
    return others.computeIfAbsent(pastLimit.apply(key), label -> make.apply(OTHER, label));
  }
}
