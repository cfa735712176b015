package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.ExchangeRecord;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Counts the refusals of the last fifteen minutes by their {@link RefusalEvidence}. An accepted
 * exchange costs one comparison.
 *
 * <p>There are {@value #MAX_COUNTERS} counters at most, give or take one for each thread, so they
 * take 6 MiB; refusals that find no counter free are not counted. Refusals that prove nothing get
 * half of the counters, so that they leave room for the others. Times are monotonic. Safe for use
 * by many threads.
 */
@Singleton
public final class RefusalHistory implements ExchangeObserver {

  static final int MAX_COUNTERS = 4_096;

  /** Further targets, rules and clues of one peer and reason are counted as none. */
  static final int MAX_DETAILS = 256;

  private static final long NANOS_IN_MILLI = 1_000_000;

  private final Clocks clock;
  private final long firstBucket;

  /** By text: the hash code of a record is slow in a native executable. */
  private final Map<String, CountedRefusals> counters = new ConcurrentHashMap<>();

  /** How many counters there are by {@link RefusalEvidence#group}. */
  private final Map<String, Integer> groups = new ConcurrentHashMap<>();

  /** Refusals that are counted together. */
  record CountedRefusals(RefusalEvidence refused, RefusalBuckets buckets) {}

  RefusalHistory(Clocks clock) {
    this.clock = clock;
    this.firstBucket = bucketBefore(Duration.ZERO);
  }

  @Override
  public void ended(ExchangeRecord record) {
    RefusalReason reason = record.verdict().reason();
    if (reason == null) {
      return;
    }
    count(RefusalEvidence.of(reason, record.verdict(), record.upstream()));
  }

  void count(RefusalEvidence refused) {
    CountedRefusals counter = counters.get(refused.text());
    if (counter == null) {
      boolean crowded = groups.getOrDefault(refused.group(), 0) >= MAX_DETAILS;
      counter = crowded ? counter(refused.withoutDetails()) : counter(refused);
    }
    if (counter == null) {
      return;
    }
    long millis = millisBefore(Duration.ZERO);
    long width = RefusalBuckets.WIDTH.toMillis();
    counter.buckets().add(Math.floorDiv(millis, width), (int) Math.floorMod(millis, width));
  }

  /** A counter, new if need be; null if none is free. */
  private @Nullable CountedRefusals counter(RefusalEvidence refused) {
    if (counters.size() >= (refused.proved() ? MAX_COUNTERS : MAX_COUNTERS / 2)) {
      return counters.get(refused.text());
    }
    return counters.computeIfAbsent(
        refused.text(),
        _ -> {
          groups.merge(refused.group(), 1, Integer::sum);
          return new CountedRefusals(refused, new RefusalBuckets());
        });
  }

  /** The number of the bucket at a time ago. */
  long bucketBefore(Duration ago) {
    return Math.floorDiv(millisBefore(ago), RefusalBuckets.WIDTH.toMillis());
  }

  /** A time ago, in milliseconds since bucket 0. */
  long millisBefore(Duration ago) {
    return Math.floorDiv(clock.nanoTime() - ago.toNanos(), NANOS_IN_MILLI);
  }

  /** The number of the bucket at the start. */
  long firstBucket() {
    return firstBucket;
  }

  /** The refusals of the last fifteen minutes. */
  List<CountedRefusals> counted() {
    return List.copyOf(counters.values());
  }

  /**
   * The refusals of all issuers and upstreams over time.
   *
   * @param bucket how long each count lasts
   * @param elapsed how much of the last one has passed
   * @param counts the oldest first
   */
  public record RefusalCurve(Duration bucket, Duration elapsed, List<Long> counts) {}

  /** The refusals of the last fifteen minutes, until now. */
  public RefusalCurve curve() {
    long millis = millisBefore(Duration.ZERO);
    long width = RefusalBuckets.WIDTH.toMillis();
    long last = Math.floorDiv(millis, width);
    long[] sums = new long[RefusalBuckets.SHOWN];
    counters.values().forEach(counter -> counter.buckets().addTo(sums, last));
    return new RefusalCurve(
        RefusalBuckets.WIDTH,
        Duration.ofMillis(Math.floorMod(millis, width)),
        LongStream.of(sums).boxed().toList());
  }

  /** Forgets counters without a refusal in the last fifteen minutes. */
  void forgetPast() {
    long now = bucketBefore(Duration.ZERO);
    counters.forEach(
        (key, counter) -> {
          if (counter.buckets().isPast(now) && counters.remove(key, counter)) {
            groups.computeIfPresent(
                counter.refused().group(), (_, count) -> count > 1 ? count - 1 : null);
          }
        });
  }
}
