package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail.Finding;
import dev.tokenbroker.base.outcome.Trail.Result;
import dev.tokenbroker.evaluate.exchange.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.ExchangeRecord;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts how long the steps of evaluations take, in buckets that are 19 % wide, from 1 µs to 16 s.
 * The buckets of the meters are too wide for a percentile. An evaluation costs one volatile read
 * while nobody watches. Safe for use by many threads.
 */
@Singleton
final class StepTimes implements ExchangeObserver {

  private static final int IN_DOUBLE = 4;
  private static final int BUCKETS = 24 * IN_DOUBLE;

  private final Map<Step, AtomicLongArray> counts = new EnumMap<>(Step.class);
  private volatile boolean watched;

  StepTimes() {
    Step.all().forEach(step -> counts.put(step, new AtomicLongArray(BUCKETS)));
  }

  @Override
  public void ended(ExchangeRecord record) {
    if (watched) {
      record.ownSteps().forEach(this::count);
    }
  }

  private void count(Finding finding) {
    if (finding.result() != Result.SKIPPED) {
      double micros = Math.max(1, finding.nanos() / 1e3);
      int bucket = (int) Math.min(BUCKETS - 1, Math.log(micros) / Math.log(2) * IN_DOUBLE);
      Objects.requireNonNull(counts.get(finding.step())).getAndIncrement(bucket);
    }
  }

  /** Discards all counts, and counts from now on. */
  void begin() {
    Step.all().forEach(this::next);
    watched = true;
  }

  /** Stops counting. */
  void end() {
    watched = false;
  }

  /**
   * Takes the counts of a step since the last call, by the upper bound of the bucket in
   * microseconds. Empty buckets are left out.
   */
  Map<String, Long> next(Step step) {
    AtomicLongArray taken = Objects.requireNonNull(counts.get(step));
    Map<String, Long> next = new LinkedHashMap<>();
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      long count = taken.get(bucket) == 0 ? 0 : taken.getAndSet(bucket, 0);
      if (count > 0) {
        long bound = Math.round(Math.pow(2, (bucket + 1) / (double) IN_DOUBLE));
        next.merge(Long.toString(bound), count, Long::sum);
      }
    }
    return next;
  }
}
