package dev.tokenbroker.operate.changes;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Counts of refusals in buckets of five seconds, over the last {@value #BUCKETS} buckets: fifteen
 * minutes and a bucket that is still being filled. Safe for use by several threads.
 */
final class RefusalBuckets {

  static final Duration WIDTH = Duration.ofSeconds(5);

  /** Fifteen minutes of them, the one that is still being filled included. */
  static final int SHOWN = 180;

  private static final int BUCKETS = SHOWN + 1;

  private final int[] counts = new int[BUCKETS];

  /** The time from the begin of a bucket to its first refusal, in milliseconds. */
  private final short[] begins = new short[BUCKETS];

  private long newest = Long.MIN_VALUE;

  /**
   * Counts a refusal.
   *
   * @param bucket the number of the present bucket; a time that goes back counts as the newest
   * @param millis the time since that bucket began
   */
  synchronized void add(long bucket, int millis) {
    if (newest == Long.MIN_VALUE) {
      newest = bucket;
    }
    for (int cleared = 0; newest < bucket && cleared < BUCKETS; cleared++) {
      newest++;
      counts[index(newest)] = 0;
    }
    newest = Math.max(newest, bucket);
    int at = index(newest);
    if (counts[at] == 0) {
      begins[at] = (short) millis;
    }
    if (counts[at] < Integer.MAX_VALUE) {
      counts[at]++;
    }
  }

  /** The sum of several, bucket by bucket. */
  static RefusalBuckets sum(List<RefusalBuckets> parts) {
    RefusalBuckets sum = new RefusalBuckets();
    for (RefusalBuckets part : parts) {
      synchronized (part) {
        sum.newest = Math.max(sum.newest, part.newest);
      }
    }
    parts.forEach(part -> part.addTo(sum));
    return sum;
  }

  private synchronized void addTo(RefusalBuckets sum) {
    for (long bucket = sum.oldest(); bucket <= sum.newest; bucket++) {
      int at = index(bucket);
      if (bucket >= oldest() && bucket <= newest && counts[at] > 0) {
        sum.begins[at] =
            sum.counts[at] == 0 ? begins[at] : (short) Math.min(sum.begins[at], begins[at]);
        sum.counts[at] = (int) Math.min(Integer.MAX_VALUE, (long) sum.counts[at] + counts[at]);
      }
    }
  }

  /** The sum of the buckets from the first to before the second. */
  synchronized long between(long from, long to) {
    return known(from, to).map(bucket -> counts[index(bucket)]).sum();
  }

  /** Adds the counts of the buckets up to the last to those sums, one bucket to each. */
  synchronized void addTo(long[] sums, long last) {
    long first = last - sums.length + 1;
    for (long bucket = Math.max(first, oldest()); bucket <= Math.min(last, newest); bucket++) {
      sums[(int) (bucket - first)] += counts[index(bucket)];
    }
  }

  /** How many of the buckets from the first to before the second have refusals. */
  synchronized long occupied(long from, long to) {
    return known(from, to).filter(bucket -> counts[index(bucket)] > 0).count();
  }

  /** The first bucket of a range that is not empty; the end of the range if all are. */
  synchronized long firstIn(long from, long to) {
    return known(from, to).filter(bucket -> counts[index(bucket)] > 0).findFirst().orElse(to);
  }

  /** The buckets from the first to before the second, as far as they are still known. */
  private LongStream known(long from, long to) {
    return LongStream.range(Math.max(from, oldest()), Math.min(to, newest + 1));
  }

  /**
   * When the first refusal of a range of buckets came, in milliseconds since bucket 0; the end of
   * the range if there is none.
   */
  synchronized long firstMillisIn(long from, long to) {
    long bucket = firstIn(from, to);
    return bucket * WIDTH.toMillis() + (bucket == to ? 0 : begins[index(bucket)]);
  }

  /** Whether all refusals are older than the buckets reach back. */
  synchronized boolean isPast(long bucket) {
    return bucket - newest >= BUCKETS;
  }

  /** The oldest bucket that is still known. */
  synchronized long oldest() {
    return newest == Long.MIN_VALUE ? 0 : newest - BUCKETS + 1;
  }

  private static int index(long bucket) {
    return (int) Math.floorMod(bucket, (long) BUCKETS);
  }
}
