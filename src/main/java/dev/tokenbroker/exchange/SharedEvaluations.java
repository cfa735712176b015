package dev.tokenbroker.exchange;

import dev.tokenbroker.federation.NewRevision;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.token.CacheKey;
import dev.tokenbroker.token.CacheSettings;
import dev.tokenbroker.token.CachedToken;
import dev.tokenbroker.token.Flight;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.Lookup;
import dev.tokenbroker.token.Revocations;
import dev.tokenbroker.token.SingleFlight;
import dev.tokenbroker.token.TokenCache;
import dev.tokenbroker.token.TokenCacheStatus;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/**
 * Sees to it that what many callers ask is evaluated once: from the cache where a token is held,
 * together where an evaluation of the same request is under way, and alone otherwise.
 *
 * <p>Safe for use by any number of threads; waits for nothing.
 */
@Singleton
public final class SharedEvaluations {

  /*
   * The idea. Two requests are the same where their CacheKey is: credential, its type, audience, scopes, lifetime, what
   * the token would be bound to, and the federation that judges. The same request judged twice at the same time comes out the same, so judging it once is
   * enough; what is not the same is who waits, until when, and what is kept of it: that is each caller's own Evaluation.
   *
   *   held           answered in the same turn, on the thread of the caller: no check is made again but whether all that was proved
   *                  still stands (VerifiedIdentity.isStillProved): time has not run out, and the issuer's keys are the same
   *   refused lately by the upstream, for good: answered at once with that refusal
   *   under way      the caller joins, unless too many do; its deadline is its own, and leaving ends nothing for the others.
   *                  What was given up, since all who waited have left (Callers), is judged anew for who comes then
   *   otherwise      admitted or shed (Admission), and judged (Flights): on the thread of the caller, where nothing is to be
   *                  waited for; at once where its turn has time for it and nobody waits; in a later turn where all processors
   *                  have such a thread with more to do; else on a virtual thread
   *
   * A token for a credential that may be exchanged once only (OnceOnly) is never held, and of those who share the evaluation
   * one is given it, the first that is answered; the others are told that the credential is used.
   *
   * A held token that is due for its refresh is judged anew in the background, once, while callers get the one that is held
   * (RefreshAhead). That evaluation is admitted like any other, and is recorded with the intent "refresh".
   *
   * The work of a flight looks into the cache again before it does anything, since an earlier flight may have landed between
   * the caller's look and its own take-off (SingleFlight); so a herd makes one evaluation, not "mostly one".
   */

  private final Evaluations evaluations;
  private final TokenCache<CacheKey, Provenance> cache;
  private final Flights flights;
  private final RefreshAhead refreshes;

  @Inject
  SharedEvaluations(
      Evaluations evaluations,
      CacheSettings cache,
      Admission admission,
      InstantSource clock,
      ExchangeSettings settings,
      Revocations revocations) {
    this(
        evaluations,
        new TokenCache<>(cache, CacheKey::scopes, revocations::holds),
        new SingleFlight<>(),
        admission,
        clock,
        settings);
  }

  SharedEvaluations(
      Evaluations evaluations,
      TokenCache<CacheKey, Provenance> cache,
      SingleFlight<CacheKey, SharedJudgement, Judged<IssuedToken>> flights,
      Admission admission,
      InstantSource clock,
      ExchangeSettings settings) {
    this.evaluations = evaluations;
    this.cache = cache;
    this.flights = new Flights(flights, admission, cache, clock, settings.maxDuration());
    this.refreshes = new RefreshAhead(evaluations, this.flights, cache, clock);
  }

  /**
   * Answers with the end of the caller's turn where nothing is to be waited for and there is time
   * for it, otherwise later; where the caller is at home in any case, which is where this is
   * called.
   *
   * @param caller who asks, and what is done with the answer
   */
  void ask(Evaluation run, Posed posed, Waiting caller) {
    CacheKey key = posed.key(run.credential());
    switch (cache.find(key, run.began(), Provenance::stands)) {
      case Lookup.Hit<Provenance>(CachedToken<Provenance> held, boolean refreshDue) -> {
        if (refreshDue) {
          refreshes.begin(run, posed, key);
        }
        evaluations.close(run, held, caller);
      }
      case Lookup.Refused<Provenance>(Refusal refusal, Provenance origin) ->
          evaluations.close(run, origin.refusedAgain(refusal), caller);
      case Lookup.Miss<Provenance> _ ->
          evaluate(run, new Judgement(run.id(), key, posed, run.began()), caller);
    }
  }

  private void evaluate(Evaluation run, Judgement own, Waiting caller) {
    switch (flights.board(own, caller)) {
      case Outcome.Refused<Flight<SharedJudgement, Judged<IssuedToken>>>(Refusal refusal) ->
          evaluations.close(run, own.refused(refusal), caller);
      case Outcome.Accepted<Flight<SharedJudgement, Judged<IssuedToken>>>(var flight) ->
          caller.waitFor(flight, run, evaluations, () -> flights.left(flight));
    }
  }

  /**
   * Drops what is held. An evaluation by the old revision that ends later keeps its token where
   * nobody asks for it; should that revision come back, this is told before anybody could.
   */
  void forget(@Observes NewRevision event) {
    cache.clear();
  }

  /** What is held, for meters. */
  public TokenCacheStatus cacheStatus() {
    return cache.status();
  }

  /** The evaluations under way that may be waited for by several, for meters. */
  public Flights flights() {
    return flights;
  }
}
