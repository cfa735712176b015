package dev.tokenbroker.judge.issuer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Records when unknown key names were first looked for. Bounded twice, since the names come from
 * unverified credentials: at most {@value #MAX_KIDS}, each of at most {@value #MAX_KID_CHARS}
 * characters. A forgotten name merely counts as missed now. Safe for use by several threads.
 *
 * <p>An unknown kid, while keys are held, was either rotated in just now or made up. If the slot is
 * free, a flight decides. If not, "unknown" would be premature, since the key set may be older than
 * the key: the caller is asked to retry when the slot is free. The exception is a key set that was
 * requested after this kid was first missed: its result is final until the next slot. The same rule
 * applies to a caller that joins a flight whose request was sent earlier. A cache on the way does
 * not count: a flight for an unknown kid bypasses caches, and a cached response counts as requested
 * when the cache requested it. Attackers who flush this memory gain nothing: a forgotten kid gets a
 * retry instead of a final refusal.
 */
final class MissedKids {

  static final int MAX_KIDS = 1000;
  static final int MAX_KID_CHARS = 256;

  private final Cache<String, Long> firstMissed;

  /**
   * @param coolDown the least time between two fetches: a miss is forgotten after twice that, since
   *     a name missed long ago may have been rotated in after the last fetch
   * @param nanoTime the caller's clock
   */
  MissedKids(Duration coolDown, LongSupplier nanoTime) {
    firstMissed =
        Caffeine.newBuilder()
            .maximumSize(MAX_KIDS)
            .expireAfterWrite(coolDown.multipliedBy(2))
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /** When that name was first missed, at the latest now; in nanoseconds of the caller's clock. */
  long firstMissed(String kid, long nowNanos) {
    if (kid.length() > MAX_KID_CHARS) {
      return nowNanos;
    }
    Long first = firstMissed.asMap().putIfAbsent(kid, nowNanos);
    return first == null ? nowNanos : first;
  }
}
