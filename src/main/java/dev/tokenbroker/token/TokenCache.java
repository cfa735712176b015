package dev.tokenbroker.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that went out, kept for callers who ask for the same again; and refusals of upstreams,
 * kept for a moment.
 *
 * <p>Bounds: tokens together weigh at most {@code token-broker.cache.max-weight}, each counted as
 * its length, {@value #OVERHEAD_BYTES} bytes, and for each scope of the token and of its key
 * {@value #SCOPE_BYTES} bytes and its length; at most {@value #MAX_REFUSALS} refusals, fewer where
 * their keys have scopes, which weigh as much. Safe for use by any number of threads.
 *
 * @param <K> what makes two requests the same; see {@link CacheKey}
 * @param <V> what is kept beside a token and handed back with it, at most a few hundred bytes
 */
public final class TokenCache<K, V> {

  /*
   * The idea. By the clock of the wall, a token lives like this:
   *
   *     issued                        50 %  ....  80 %                    100 %
   *       |------------- served --------|-- served, refresh --|--- kept back ---|
   *
   * Whoever is given a token can rely on a fifth of its life, and on 30 s, being left (design.md section 7). Tokens of
   * less than 150 s have to keep back more than a fifth for that; the part in which a refresh comes due is then narrowed in
   * the same proportion, so that there is one. Tokens of 30 s or less are never kept. What ends before all that is the
   * credential: past it the same request would be refused, so a kept token is not given for it either.
   *
   * One caller is told to refresh, by winning a compare-and-set on the moment when the refresh comes due; until the
   * successor is stored the others get the old token. A refresh that failed is not repeated: callers get the token to the end
   * of its time, and then ask in the open, where single flight and the budget of the upstream bound them. One that could not
   * even be begun is put off for a second. Where the upstream may take a credential once only, none comes due: the refusal of
   * a second use would tell nothing of the token, and may well look like a theft there.
   *
   * Why wall time. Both ends that matter, exp of the token and exp of the credential, are moments of the wall clock, and each
   * lookup compares with them. Caffeine's own expiry runs on the monotonic clock and frees memory, nothing else; if the two
   * clocks part, entries go too early, or are held and not served. A token of a clock that was ahead is one of the future once
   * that is set right, and not served either.
   *
   * What a hit costs. A lookup in a hash table, a push into Caffeine's read buffer (a ring per group of threads, lossy,
   * so nobody waits for it), a counter; nothing is allocated. Every 16 or so reads one reader plays the buffer back into the
   * eviction policy, unless another is at it; that is done by the reader itself rather than in the common pool, as it takes
   * about a microsecond, and a hand-over takes more.
   *
   * What a flood does. A valid credential can be asked for with any number of lifetimes, each a key of its own. W-TinyLFU
   * admits a newcomer only against an entry that is asked for less, so entries in use stay; and misses are limited for each
   * credential at the door. Credentials that are no good never come here: only what was granted is stored.
   *
   * References: Einziger, Friedman and Manes, "TinyLFU" (2017); RFC 6749 section 5.1.
   */

  /** Of the key, the entry, whom it was made for, and what is told of a hit once there is one. */
  static final int OVERHEAD_BYTES = 1536;

  static final int SCOPE_BYTES = 56;
  static final int MAX_REFUSALS = 10_000;

  private static final Duration PUT_OFF = Duration.ofSeconds(1);

  /**
   * Over so much time callers come back to a refusal that has ended, so that they do not at once.
   */
  private static final long SPREAD_MILLIS = 4_000;

  private static final Duration LONGEST_KEPT = Duration.ofDays(1);

  private final Function<? super K, List<String>> scopes;
  private final Predicate<String> revoked;
  private final boolean enabled;
  private final Duration negativeTtl;
  private final Supplier<? extends RandomGenerator> random;
  private final Cache<K, KeptToken<V>> tokens;
  private final Policy.Eviction<K, KeptToken<V>> eviction;
  private final Cache<K, RefusedEntry<V>> refusals;
  private final LongAdder hits = new LongAdder();
  private final LongAdder negativeHits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder refreshesBegun = new LongAdder();
  private final LongAdder refreshesPutOff = new LongAdder();
  private final LongAdder refreshesFailed = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  /**
   * One of whose tokens none is ever revoked.
   *
   * @param scopes those that a key holds
   */
  public TokenCache(CacheSettings settings, Function<? super K, List<String>> scopes) {
    this(settings, scopes, _ -> false);
  }

  /**
   * @param scopes those that a key holds
   * @param revoked whether the token of that {@code id} was revoked: it is not handed out again
   */
  public TokenCache(
      CacheSettings settings, Function<? super K, List<String>> scopes, Predicate<String> revoked) {
    this(settings, scopes, revoked, System::nanoTime, ThreadLocalRandom::current);
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}; frees memory of what is no longer served
   * @param random draws the moments of refresh and the time for which refusals are kept
   */
  TokenCache(
      CacheSettings settings,
      Function<? super K, List<String>> scopes,
      Predicate<String> revoked,
      LongSupplier nanoTime,
      Supplier<? extends RandomGenerator> random) {
    this.scopes = scopes;
    this.revoked = revoked;
    this.enabled = settings.enabled() && settings.maxWeight() > 0;
    this.negativeTtl = settings.negativeTtl();
    this.random = random;
    this.tokens =
        Caffeine.newBuilder()
            .maximumWeight(Math.max(0, settings.maxWeight()))
            .weigher((K key, KeptToken<V> entry) -> weightBytes(key, entry.cached().token()))
            .expireAfter(Expiry.writing((K key, KeptToken<V> entry) -> memoryTime(entry)))
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .evictionListener((key, entry, cause) -> countEviction(cause))
            .build();
    this.eviction = tokens.policy().eviction().orElseThrow();
    this.refusals =
        Caffeine.newBuilder()
            .maximumWeight((long) MAX_REFUSALS * OVERHEAD_BYTES)
            .weigher((K key, RefusedEntry<V> entry) -> keyBytes(key))
            .expireAfterWrite(negativeTtl.isNegative() ? Duration.ZERO : negativeTtl)
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /**
   * What may be answered at that moment without doing anything.
   *
   * @param stands whether what was kept beside a token, or a refusal, holds at that moment: where
   *     it does not, there is no such token, or refusal
   */
  public Lookup<V> find(K key, Instant now, BiPredicate<? super V, Instant> stands) {
    KeptToken<V> entry = usable(key, now, stands);
    if (entry != null) {
      hits.increment();
      Lookup.Hit<V> hit = entry.hit(now);
      if (hit.refreshDue()) {
        refreshesBegun.increment();
      }
      return hit;
    }
    RefusedEntry<V> refused = refused(key, now, stands);
    if (refused != null) {
      negativeHits.increment();
      return refused.answer(now, negativeTtl, random.get());
    }
    misses.increment();
    return Lookup.miss();
  }

  /** As {@link #find}, but counts nothing and tells nobody to refresh: for looking once more. */
  public Lookup<V> peek(K key, Instant now, BiPredicate<? super V, Instant> stands) {
    KeptToken<V> entry = usable(key, now, stands);
    if (entry != null) {
      return entry.quietHit();
    }
    RefusedEntry<V> refused = refused(key, now, stands);
    return refused == null ? Lookup.miss() : refused.answer(now, negativeTtl, random.get());
  }

  /**
   * Keeps a token, in place of what was kept for that key; but not one that would never be handed
   * out, which leaves what was kept.
   *
   * @param acceptableUntil the moment from which the credential is not accepted any more
   */
  public void store(K key, IssuedToken token, Instant acceptableUntil, V origin, Instant now) {
    keep(key, token, acceptableUntil, true, origin, now);
  }

  /**
   * As {@link #store}, but nobody is told to refresh it: for a token whose successor the same
   * request may not bring.
   */
  public void storeLast(K key, IssuedToken token, Instant acceptableUntil, V origin, Instant now) {
    keep(key, token, acceptableUntil, false, origin, now);
  }

  private void keep(
      K key, IssuedToken token, Instant acceptableUntil, boolean refreshed, V origin, Instant now) {
    if (!enabled) {
      return;
    }
    KeptToken<V> entry = KeptToken.of(token, acceptableUntil, refreshed, origin, now, random.get());
    refusals.invalidate(key);
    if (entry.isUsable(now)) {
      tokens.put(key, entry);
    }
  }

  /**
   * Keeps the definite refusal of an upstream for a moment, and drops a token kept for that key:
   * what is refused today is not handed out because it was granted yesterday. Not for refusals that
   * pass by themselves, such as an upstream that is not reached.
   *
   * @return the refusal as it is given: whoever may come back is called back when it is not kept
   *     any more
   */
  public Refusal storeRefusal(K key, Refusal refusal, V origin, Instant now) {
    if (!enabled) {
      return refusal;
    }
    tokens.invalidate(key);
    long mostMillis = negativeTtl.toMillis();
    if (mostMillis <= 0) {
      return refusal;
    }
    RandomGenerator drawn = random.get();
    long millis = mostMillis / 2 + drawn.nextLong(mostMillis / 2 + 1);
    RefusedEntry<V> entry = new RefusedEntry<>(refusal, origin, now.plusMillis(millis));
    refusals.put(key, entry);
    return entry.answer(now, negativeTtl, drawn).refusal();
  }

  /** A refresh that was due brought nothing; it is not tried again. */
  public void refreshFailed() {
    refreshesFailed.increment();
  }

  /** A refresh that was due could not be begun: somebody is told again in a second. */
  public void refreshPutOff(K key, Instant now) {
    refreshesPutOff.increment();
    KeptToken<V> entry = tokens.policy().getIfPresentQuietly(key);
    if (entry != null) {
      entry.putOffRefresh(now.plus(PUT_OFF));
    }
  }

  /** Drops everything: for a new federation, under which no key of the old one is asked for. */
  public void clear() {
    tokens.invalidateAll();
    refusals.invalidateAll();
  }

  /** The figures of this moment; what has ended is cleared away before it is counted. */
  public TokenCacheStatus status() {
    tokens.cleanUp();
    refusals.cleanUp();
    return new TokenCacheStatus(
        hits.sum(),
        negativeHits.sum(),
        misses.sum(),
        refreshesBegun.sum(),
        refreshesPutOff.sum(),
        refreshesFailed.sum(),
        evictions.sum(),
        tokens.estimatedSize(),
        eviction.weightedSize().orElse(0),
        refusals.estimatedSize());
  }

  private @Nullable KeptToken<V> usable(
      K key, Instant now, BiPredicate<? super V, Instant> stands) {
    KeptToken<V> entry = tokens.getIfPresent(key);
    // A revoked one counts as none: whoever asks has another made, which takes its place.
    return entry != null
            && entry.isUsable(now)
            && stands.test(entry.cached().origin(), now)
            && !revoked.test(entry.cached().token().id())
        ? entry
        : null;
  }

  private @Nullable RefusedEntry<V> refused(
      K key, Instant now, BiPredicate<? super V, Instant> stands) {
    RefusedEntry<V> entry = refusals.getIfPresent(key);
    return entry != null && now.isBefore(entry.until()) && stands.test(entry.origin(), now)
        ? entry
        : null;
  }

  private void countEviction(RemovalCause cause) {
    if (cause == RemovalCause.SIZE) {
      evictions.increment();
    }
  }

  private int weightBytes(K key, IssuedToken token) {
    return keyBytes(key) + token.value().length() + scopeBytes(token.scopes());
  }

  private int keyBytes(K key) {
    return OVERHEAD_BYTES + scopeBytes(scopes.apply(key));
  }

  private static int scopeBytes(List<String> scopes) {
    int bytes = 0;
    for (String scope : scopes) {
      bytes += SCOPE_BYTES + scope.length();
    }
    return bytes;
  }

  /** Bounded, since a token may claim to live for longer than Caffeine can count. */
  private static Duration memoryTime(KeptToken<?> entry) {
    return entry.keptFor().compareTo(LONGEST_KEPT) < 0 ? entry.keptFor() : LONGEST_KEPT;
  }

  private record RefusedEntry<V>(Refusal refusal, V origin, Instant until) {

    /**
     * The refusal; where another answer may be had later, it is said when, each time anew.
     *
     * @param longest for which it can be kept still, whatever the clock of the wall says
     */
    Lookup.Refused<V> answer(Instant now, Duration longest, RandomGenerator random) {
      if (refusal.reason().retry() != RefusalReason.Retry.LATER) {
        return new Lookup.Refused<>(refusal, origin);
      }
      Duration left = Duration.between(now, until);
      Duration spread = Duration.ofMillis(random.nextLong(SPREAD_MILLIS + 1));
      return new Lookup.Refused<>(
          refusal.retryAfter((left.compareTo(longest) < 0 ? left : longest).plus(spread)), origin);
    }
  }
}
