package dev.tokenbroker.evaluate.exchange.cache;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.evaluation.CacheKey;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationContext;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.federation.FederationSettings;
import dev.tokenbroker.evaluate.federation.Federations.NewRevision;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.evaluate.revocation.UpstreamTokens;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Caches tokens for callers with the same request, and lets such callers join an evaluation under
 * way: one map. Beside it, {@link RememberedRefusals} keeps what upstreams refused a moment ago.
 *
 * <p>Bounds: cached tokens together weigh at most {@code token-broker.cache.max-weight} ({@link
 * CacheWeight}). Evaluations under way weigh nothing: admission bounds them. Safe for use by any
 * number of threads.
 */
@Singleton
public class IssuedTokens {

  /*
   * The idea. A key has at most one future in the map. While it is a Flight that is not done,
   * callers join it. Once it is done, the map holds a completed future with the cached token in its
   * place, or nothing. The map changes before the flight is completed, so a caller that got a
   * response and asks again never meets a flight that has ended.
   *
   * By wall time, a token lives like this:
   *
   *     issued                        50 %  ....  80 %                    100 %
   *       |------------- served --------|-- served, refresh --|--- kept back ---|
   *
   * A caller that is given a token has at least a fifth of its life left, and 30 s. For tokens of
   * less than 150 s the part in which a refresh comes due shrinks in proportion. Tokens of 30 s or
   * less are never cached. Of credentials of AWS at least 15 minutes are left, since AWS' SDKs ask
   * again from then on. A token is not served past the end of its credential either: the same
   * request would be refused then.
   *
   * Every hit checks time, revocation and provenance (VerifiedIdentity.isStillProved) itself;
   * Caffeine's expiry runs on the monotonic clock and only frees memory.
   *
   * Refresh. One caller wins a compare-and-set on the moment when the refresh comes due, and starts
   * the evaluation of the successor. Until that is stored, the others get the cached token. If that
   * ends first, they join the flight of the successor. A refresh that failed is not repeated. If an
   * upstream may accept a credential only once, no refresh comes due.
   *
   * Refusals are values. A refusal that an upstream would repeat is remembered for a moment, in a
   * cache of its own. The flight checks that cache once more after it has won its place in the map,
   * so that it misses no refusal in between.
   *
   * A flood of lifetimes or scopes makes keys without end. W-TinyLFU admits a newcomer only against
   * an entry that is used less (Einziger, Friedman and Manes, "TinyLFU", 2017). Invalid credentials
   * are never cached.
   */

  private static final Duration PUT_OFF = Duration.ofSeconds(1);

  private static final Duration LONGEST_KEPT = Duration.ofDays(1);

  /** How long a token that has ended stays: its callers join the refresh under way. */
  private static final Duration LINGERS = Duration.ofSeconds(10);

  private final Predicate<String> revoked;
  private final boolean enabled;
  private final boolean keepsClaims;
  private final Clocks clock;
  private final AsyncCache<CacheKey, CacheEntry> entries;
  private final Policy.Eviction<CacheKey, CacheEntry> eviction;
  private final RememberedRefusals refusals;
  private final LongAdder hits = new LongAdder();
  private final LongAdder negativeHits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder refreshesBegun = new LongAdder();
  private final LongAdder refreshesPutOff = new LongAdder();
  private final LongAdder refreshesFailed = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  @Inject
  public IssuedTokens(
      CacheSettings settings,
      FederationSettings federation,
      Revocations revocations,
      UpstreamTokens upstreamTokens,
      Clocks clock) {
    this(
        settings,
        federation.candidatePath().isPresent(),
        upstreamTokens.revokedIn(revocations),
        clock);
  }

  /**
   * @param keepsClaims whether a hit shows the claims of its identity, which a candidate judges
   * @param revoked whether the token of that {@code id} was revoked: it is not handed out again
   * @param clock its monotonic time frees memory of tokens that are no longer served; its chance
   *     draws the moments of refresh and the time for which refusals are kept
   */
  public IssuedTokens(
      CacheSettings settings, boolean keepsClaims, Predicate<String> revoked, Clocks clock) {
    this.keepsClaims = keepsClaims;
    this.revoked = revoked;
    this.enabled = settings.enabled() && settings.maxWeight() > 0;
    this.clock = clock;
    this.entries =
        Caffeine.newBuilder()
            .maximumWeight(Math.max(0, settings.maxWeight()))
            .weigher((CacheKey key, CacheEntry entry) -> CacheWeight.of(key, entry.kept()))
            .expireAfter(Expiry.writing((CacheKey key, CacheEntry entry) -> memoryTime(entry)))
            .ticker(clock::nanoTime)
            .executor(Runnable::run)
            .evictionListener((key, entry, cause) -> countEviction(cause))
            .buildAsync();
    this.eviction = entries.synchronous().policy().eviction().orElseThrow();
    this.refusals = new RememberedRefusals(settings.negativeTtl(), clock);
  }

  /**
   * The end of an evaluation.
   *
   * @param ended the result for the callers who waited; null if only the token is cached
   * @param kept the token, if it may be given to others; else null
   */
  public record CacheEntry(
      @Nullable EvaluationResult<IssuedToken> ended, @Nullable KeptToken kept) {

    EvaluationResult<IssuedToken> result() {
      return ended == null ? Objects.requireNonNull(kept).hit() : ended;
    }
  }

  /**
   * The result of an earlier evaluation, for one more caller.
   *
   * @param refresh the token that this caller alone must refresh; null if there is none
   */
  public record Known(EvaluationResult<IssuedToken> result, @Nullable KeptToken refresh) {}

  /** The result at that moment that needs no evaluation; null if there is none. */
  public @Nullable Known known(CacheKey key, Instant now) {
    CompletableFuture<CacheEntry> present = entries.getIfPresent(key);
    KeptToken held = present == null ? null : usable(present, now);
    if (held != null) {
      return hit(held, now);
    }
    EvaluationResult<IssuedToken> refused = refusals.again(key, now);
    if (refused != null) {
      negativeHits.increment();
      return new Known(refused, null);
    }
    misses.increment();
    return null;
  }

  /**
   * Puts a flight into the map, unless there is one already.
   *
   * @return the flight that the caller shares: {@code mine}, which must be begun unless it is done,
   *     or another
   */
  public Flight share(Flight mine, Instant now) {
    CacheKey key = mine.context().key();
    while (true) {
      CompletableFuture<CacheEntry> other = entries.asMap().putIfAbsent(key, mine);
      if (other == null) {
        return first(key, mine, now);
      }
      if (other instanceof Flight flight && !flight.isDone()) {
        return flight;
      }
      KeptToken held = usable(other, now);
      if (held != null) {
        mine.complete(new CacheEntry(null, held));
        return mine;
      }
      Flight next = successorOf(other, mine);
      if (entries.asMap().replace(key, other, next)) {
        return next == mine ? first(key, mine, now) : next;
      }
    }
  }

  /** The flight that takes the place of a token that has ended. */
  private static Flight successorOf(CompletableFuture<CacheEntry> ended, Flight mine) {
    KeptToken kept = ended.join().kept();
    Flight refresh = kept == null ? null : kept.successor();
    return refresh == null ? mine : refresh;
  }

  private Flight first(CacheKey key, Flight mine, Instant now) {
    EvaluationResult<IssuedToken> refused = refusals.again(key, now);
    if (refused != null) {
      entries.asMap().remove(key, mine);
      mine.complete(new CacheEntry(refused, null));
    }
    return mine;
  }

  /** Ends a flight: caches its token if allowed, then completes it for all waiting callers. */
  public void land(Flight flight, EvaluationResult<IssuedToken> result) {
    CacheKey key = flight.context().key();
    KeptToken kept = kept(flight.context(), result);
    if (kept == null || !entries.asMap().replace(key, flight, held(kept))) {
      EvaluationResult<IssuedToken> told = remembered(flight.context(), result, false);
      entries.asMap().remove(key, flight);
      flight.complete(new CacheEntry(told, null));
    } else {
      flight.complete(new CacheEntry(result, kept));
    }
  }

  /** Ends the refresh of that token; a passing failure is no reason to drop it. */
  public BiConsumer<Flight, EvaluationResult<IssuedToken>> refreshing(KeptToken held) {
    return (refresh, result) -> {
      CacheKey key = refresh.context().key();
      KeptToken kept = kept(refresh.context(), result);
      if (kept != null) {
        entries.put(key, held(kept));
      } else if (result.isNotAdmitted()) {
        refreshesPutOff.increment();
        held.putOffRefresh(clock.instant().plus(PUT_OFF));
      } else {
        refreshesFailed.increment();
        remembered(refresh.context(), result, true);
      }
      entries.asMap().remove(key, refresh);
      refresh.complete(new CacheEntry(result, kept));
    };
  }

  /**
   * Refuses a credential that is a revoked token of this broker with {@code CREDENTIAL_REVOKED}.
   * The {@code jti} alone decides: ours have 128 random bits, so that no other issuer's are equal.
   */
  public Outcome<VerifiedIdentity> notRevoked(VerifiedIdentity identity, Trail trail) {
    return isRevoked(identity)
        ? trail.refuse(Step.TIME, Refusal.of(RefusalReason.CREDENTIAL_REVOKED))
        : Outcome.accepted(identity);
  }

  private boolean isRevoked(VerifiedIdentity identity) {
    String tokenId = identity.tokenId();
    return tokenId != null && revoked.test(tokenId);
  }

  /** Drops all for a new federation, whose keys are others. Flights under way end as usual. */
  void forget(@Observes NewRevision event) {
    entries.synchronous().invalidateAll();
    refusals.clear();
  }

  /** The present figures; entries that have ended are removed before the count. */
  public IssuedTokensStatus status() {
    entries.synchronous().cleanUp();
    return new IssuedTokensStatus(
        hits.sum(),
        negativeHits.sum(),
        misses.sum(),
        refreshesBegun.sum(),
        refreshesPutOff.sum(),
        refreshesFailed.sum(),
        evictions.sum(),
        entries.synchronous().estimatedSize(),
        eviction.weightedSize().orElse(0),
        refusals.size());
  }

  private Known hit(KeptToken held, Instant now) {
    hits.increment();
    boolean due = held.takeRefresh(now);
    if (due) {
      refreshesBegun.increment();
    }
    return new Known(held.hit(), due ? held : null);
  }

  private @Nullable KeptToken usable(CompletableFuture<CacheEntry> present, Instant now) {
    KeptToken kept = present.isDone() ? present.join().kept() : null;
    return kept != null
            && kept.isUsable(now)
            && !revoked.test(IssuedToken.revocationId(kept.token().id()))
            && !isRevoked(kept.identity())
        ? kept
        : null;
  }

  private static CompletableFuture<CacheEntry> held(KeptToken kept) {
    return CompletableFuture.completedFuture(new CacheEntry(null, kept));
  }

  /** The token to cache; null if the result may be given to no other caller. */
  private @Nullable KeptToken kept(
      EvaluationContext context, EvaluationResult<IssuedToken> result) {
    Provenance origin = origin(context, result);
    if (origin == null
        || result.isOnceOnly()
        || !(result.outcome() instanceof Outcome.Accepted<IssuedToken>(IssuedToken token))) {
      return null;
    }
    Instant now = clock.instant();
    boolean repeatable = context.request().federation().canRepeat(origin.grant().supply());
    Instant until = origin.identity().acceptedUntil();
    KeptToken kept = new KeptToken(token, origin, until, repeatable, now, clock.random());
    refusals.forget(context.key());
    return kept.isUsable(now) ? kept : null;
  }

  /**
   * Remembers the definite refusal of an upstream, and drops a token cached for that key: today's
   * refusal counts more than yesterday's grant.
   *
   * @return the result to show: a caller that may retry learns when it is no longer remembered
   */
  private EvaluationResult<IssuedToken> remembered(
      EvaluationContext context, EvaluationResult<IssuedToken> result, boolean refresh) {
    Provenance origin = origin(context, result);
    if (origin == null
        || !(result.outcome() instanceof Outcome.Refused<IssuedToken>(Refusal refusal))
        || !isLasting(refusal.reason(), refresh)) {
      return result;
    }
    if (refresh) {
      entries.synchronous().invalidate(context.key());
    }
    return result.with(refusals.remember(context.key(), refusal, origin, clock.instant()));
  }

  private @Nullable Provenance origin(
      EvaluationContext context, EvaluationResult<IssuedToken> result) {
    return enabled ? Provenance.of(context.id(), result, keepsClaims) : null;
  }

  private static boolean isLasting(RefusalReason reason, boolean refresh) {
    return refresh ? Upstream.isWithdrawal(reason) : Upstream.isDefinite(reason);
  }

  private void countEviction(RemovalCause cause) {
    if (cause == RemovalCause.SIZE) {
      evictions.increment();
    }
  }

  /** Bounded, since a token may claim a longer life than Caffeine can count. */
  private static Duration memoryTime(CacheEntry entry) {
    KeptToken kept = entry.kept();
    Duration time = kept == null ? Duration.ZERO : kept.keptFor().plus(LINGERS);
    return time.compareTo(LONGEST_KEPT) < 0 ? time : LONGEST_KEPT;
  }
}
