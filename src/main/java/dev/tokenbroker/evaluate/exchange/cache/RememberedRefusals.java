package dev.tokenbroker.evaluate.exchange.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.evaluation.CacheKey;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what upstreams refused a moment ago and would refuse again, so that the broker does not
 * call them. It holds as much as {@value #MAX} requests without scopes weigh ({@link CacheWeight}).
 * Each stays for a time drawn between half of {@code token-broker.cache.negative-ttl} and the
 * whole. Safe for use by any number of threads.
 */
final class RememberedRefusals {

  static final int MAX = 10_000;

  /** The span over which callers come back after a refusal has ended. */
  private static final long SPREAD_MILLIS = 4_000;

  private final Duration ttl;
  private final Clocks clock;
  private final Cache<CacheKey, Remembered> refusals;

  /**
   * @param ttl how long a refusal is remembered at most; zero for not at all
   * @param clock its monotonic time frees memory, its chance draws the times
   */
  RememberedRefusals(Duration ttl, Clocks clock) {
    this.ttl = ttl;
    this.clock = clock;
    this.refusals =
        Caffeine.newBuilder()
            .maximumWeight((long) MAX * CacheWeight.OVERHEAD_BYTES)
            .weigher(
                (CacheKey key, Remembered refusal) ->
                    CacheWeight.of(key, null) + refusal.origin().claimBytes())
            .expireAfterWrite(ttl.isNegative() ? Duration.ZERO : ttl)
            .ticker(clock::nanoTime)
            .executor(Runnable::run)
            .build();
  }

  /** The remembered refusal; null if there is none. */
  @Nullable EvaluationResult<IssuedToken> again(CacheKey key, Instant now) {
    Remembered known = refusals.getIfPresent(key);
    return known != null && now.isBefore(known.until()) && known.origin().stands(now)
        ? known.origin().refusedAgain(known.told(now, ttl, clock.random()))
        : null;
  }

  /**
   * Remembers a refusal.
   *
   * @return the refusal, with the time after which it is no longer remembered
   */
  Refusal remember(CacheKey key, Refusal refusal, Provenance origin, Instant now) {
    long mostMillis = ttl.toMillis();
    if (mostMillis <= 0) {
      return refusal;
    }
    RandomGenerator drawn = clock.random();
    long millis = mostMillis / 2 + drawn.nextLong(mostMillis / 2 + 1);
    Remembered known = new Remembered(refusal, origin, now.plusMillis(millis));
    refusals.put(key, known);
    return known.told(now, ttl, drawn);
  }

  void forget(CacheKey key) {
    refusals.invalidate(key);
  }

  void clear() {
    refusals.invalidateAll();
  }

  /** How many are remembered; those that have ended are removed first. */
  long size() {
    refusals.cleanUp();
    return refusals.estimatedSize();
  }

  private record Remembered(Refusal refusal, Provenance origin, Instant until) {

    /**
     * The refusal to show. If a retry can help, it says when; that time is drawn anew each time.
     *
     * @param longest the longest time for which it is kept, whatever the wall clock says
     */
    Refusal told(Instant now, Duration longest, RandomGenerator random) {
      if (refusal.reason().retry() != RefusalReason.Retry.LATER) {
        return refusal;
      }
      Duration left = Duration.between(now, until);
      Duration spread = Duration.ofMillis(random.nextLong(SPREAD_MILLIS + 1));
      return refusal.retryAfter((left.compareTo(longest) < 0 ? left : longest).plus(spread));
    }
  }
}
