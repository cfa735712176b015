package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts how long the steps of evaluations take, in buckets that are 19 % wide, from 1 µs to 16 s.
 * The buckets of the meters are too wide for a percentile. Safe for use by many threads.
 */
final class StepTimes {

  private static final int IN_DOUBLE = 4;
  private static final int BUCKETS = 24 * IN_DOUBLE;

  /** The count in each bucket; the last element has the nanoseconds of all. */
  private final Map<Step, AtomicLongArray> counts = new EnumMap<>(Step.class);

  StepTimes() {
    Step.all().forEach(step -> counts.put(step, new AtomicLongArray(BUCKETS + 1)));
  }

  void count(Finding finding) {
    if (finding.result() != Result.SKIPPED) {
      double micros = Math.max(1, finding.nanos() / 1e3);
      int bucket = (int) Math.min(BUCKETS - 1, Math.log(micros) / Math.log(2) * IN_DOUBLE);
      AtomicLongArray ofStep = Objects.requireNonNull(counts.get(finding.step()));
      ofStep.getAndIncrement(bucket);
      ofStep.getAndAdd(BUCKETS, finding.nanos());
    }
  }

  /** Takes the steps since the last call: of each the count, the mean time and the buckets. */
  List<Map<String, Object>> next() {
    List<Map<String, Object>> taken = new ArrayList<>();
    counts.forEach(
        (step, ofStep) -> {
          Map<String, Long> buckets = buckets(ofStep);
          long nanos = ofStep.getAndSet(BUCKETS, 0);
          long count = buckets.values().stream().mapToLong(Long::longValue).sum();
          if (count > 0) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("step", step.label());
            members.put("count", count);
            members.put("mean_micros", meanMicros(nanos, count));
            members.put("at_most_micros", buckets);
            taken.add(members);
          }
        });
    return taken;
  }

  /** The counts by the upper bound of the bucket in microseconds, without empty buckets. */
  private static Map<String, Long> buckets(AtomicLongArray ofStep) {
    Map<String, Long> taken = new LinkedHashMap<>();
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      long count = ofStep.get(bucket) == 0 ? 0 : ofStep.getAndSet(bucket, 0);
      if (count > 0) {
        long bound = Math.round(Math.pow(2, (bucket + 1) / (double) IN_DOUBLE));
        taken.merge(Long.toString(bound), count, Long::sum);
      }
    }
    return taken;
  }

  /** The mean to a tenth of a microsecond; 0 for none. */
  static double meanMicros(long nanos, long count) {
    return count == 0 ? 0 : Math.round((double) nanos / count / 100) / 10.0;
  }
}
