package dev.tokenbroker.operate.changes;

import java.time.Duration;

/**
 * Decides whether refusals of one reason rose at a time: they began to come there, and neither
 * before it nor by chance.
 *
 * <p>Three conditions, each for one way of being wrong:
 *
 * <ul>
 *   <li>There are at least {@value #LEAST} since, and at least {@value #TIMES} times as many as in
 *       the five minutes before. If the time since is longer than that, rates are compared.
 *   <li>They had not begun to rise shortly before. In no span of 5 s, 15 s and 60 s that ends at
 *       that time came more than a quarter of the rate since; one refusal in a span is forgiven.
 *   <li>If some came before, chance would bring as many only once in {@value #ODDS} times. That is
 *       Chernoff's bound for refusals at a constant rate. Before, it counts buckets that have
 *       refusals, so that a past burst does not hide the next. Without it, five refusals in as many
 *       minutes would be joined too often where one a minute is usual.
 * </ul>
 *
 * <p>A rise from nothing is not held to the third: shortly after a start, no rise could pass it.
 */
final class RiseRule {

  static final long WINDOW = Duration.ofMinutes(5).dividedBy(RefusalBuckets.WIDTH);

  private static final int LEAST = 5;
  private static final int TIMES = 4;
  private static final int ODDS = 1_000;
  private static final long[] SHORTLY = {1, 3, 12};

  private RiseRule() {}

  /**
   * Whether refusals rose.
   *
   * @param first the first bucket that can have refusals
   * @param at the bucket at which they may have risen
   * @param end the bucket after the last to compare
   */
  static boolean isRise(RefusalBuckets buckets, long first, long at, long end) {
    long elapsed = Math.max(1, end - at);
    long after = buckets.between(at, end);
    long before = before(buckets, first, at);
    return after >= LEAST
        && isFourfold(after, before, elapsed)
        && !hadBegun(buckets, first, at, after, elapsed)
        && !mayBeChance(buckets, first, at, after, elapsed);
  }

  /**
   * Whether there are four times as many as in the five minutes before; if the time since is longer
   * than that, at four times the rate.
   */
  static boolean isFourfold(long after, long before, long elapsed) {
    return after * WINDOW >= TIMES * before * Math.max(WINDOW, elapsed);
  }

  /** The refusals of the five minutes before; soon after a start, a few seconds stand for them. */
  static long before(RefusalBuckets buckets, long first, long at) {
    long covered = Math.clamp(at - first, 1, WINDOW);
    return buckets.between(at - covered, at) * WINDOW / covered;
  }

  /**
   * The last bucket before which so many were empty that refusals had ended. By the same odds: at
   * their rate, chance would leave so many empty only once in {@value #ODDS} times. The least
   * number if there is none.
   */
  static long endedBefore(RefusalBuckets buckets, long from, long to) {
    double rate = buckets.between(from, to) / (double) Math.max(1, to - from);
    long empty = 0;
    for (long bucket = to - 1; bucket >= from; bucket--) {
      empty = buckets.between(bucket, bucket + 1) == 0 ? empty + 1 : 0;
      if (empty * rate >= Math.log(ODDS)) {
        return bucket;
      }
    }
    return Long.MIN_VALUE;
  }

  private static boolean hadBegun(
      RefusalBuckets buckets, long first, long at, long after, long elapsed) {
    for (long span : SHORTLY) {
      long recent = buckets.between(Math.max(first, at - span), at) - 1;
      if (recent > 0 && TIMES * recent * elapsed > after * span) {
        return true;
      }
    }
    return false;
  }

  private static boolean mayBeChance(
      RefusalBuckets buckets, long first, long at, long after, long elapsed) {
    long from = Math.max(first, buckets.oldest());
    long before = buckets.occupied(from, at);
    if (before == 0) {
      return false;
    }
    double all = before + after;
    double expected = elapsed / (double) (at - from + elapsed);
    double seen = after / all;
    return seen <= expected || all * divergence(seen, expected) < Math.log(ODDS);
  }

  /** Of Kullback and Leibler, between two coins. */
  private static double divergence(double seen, double expected) {
    return seen * Math.log(seen / expected) + (1 - seen) * Math.log((1 - seen) / (1 - expected));
  }
}
