package dev.tokenbroker.exchange;

import dev.tokenbroker.exchange.RequestRules.Asked;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.NewRevision;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.policy.GrantRequest;
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
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

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
   *   under way      the caller joins, unless too many do; its deadline is its own, and leaving ends nothing for the others
   *   otherwise      admitted or shed (Admission), and judged: on the thread of the caller, where nothing is to be waited for;
   *                  at once where its turn has time for it and nobody waits; in a later turn where all processors have such a
   *                  thread with more to do; else on a virtual thread
   *
   * A token for a credential that may be exchanged once only (OnceOnly) is never held, and of those who share the evaluation
   * one is given it, the first that is answered; the others are told that the credential is used.
   *
   * A held token that is due for its refresh is judged anew in the background, once, while callers get the one that is held.
   * That evaluation is admitted like any other, and is recorded with the intent "refresh".
   *
   * The work of a flight looks into the cache again before it does anything, since an earlier flight may have landed between
   * the caller's look and its own take-off (SingleFlight); so a herd makes one evaluation, not "mostly one".
   */

  private final Evaluations evaluations;
  private final TokenCache<CacheKey, Provenance> cache;
  private final SingleFlight<CacheKey, SharedJudgement, Judged<IssuedToken>> flights;
  private final Admission admission;
  private final InstantSource clock;
  private final Duration maxDuration;

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
    this.flights = flights;
    this.admission = admission;
    this.clock = clock;
    this.maxDuration = settings.maxDuration();
  }

  /**
   * Answers at once where that needs no work, otherwise later and on another thread.
   *
   * @param caller who asks, and what is done with the answer
   * @param steps what judges a request and issues the token
   */
  void ask(Evaluation run, Federation federation, Asked asked, Waiting caller, Steps steps) {
    CacheKey key = key(run, federation, asked);
    switch (cache.find(key, run.began(), Provenance::stands)) {
      case Lookup.Hit<Provenance>(CachedToken<Provenance> held, boolean refreshDue) -> {
        if (refreshDue) {
          refresh(run, federation, asked, key, steps);
        }
        evaluations.close(run, held, caller);
      }
      case Lookup.Refused<Provenance>(Refusal refusal, Provenance origin) ->
          evaluations.close(run, origin.refusedAgain(refusal), caller);
      case Lookup.Miss<Provenance> _ -> evaluate(run, federation, asked, key, caller, steps);
    }
  }

  /** Judges for one caller alone, on its thread. */
  <T> Judged<T> judge(
      Evaluation run,
      Federation federation,
      Asked asked,
      Deadline deadline,
      Function<Judgement, Outcome<T>> steps) {
    Judgement judgement =
        new Judgement(run.id(), key(run, federation, asked), federation, asked, run.began());
    return switch (admission.admit(run.credential(), deadline)) {
      case Admitted.Refused(Refusal refusal) -> judgement.refused(refusal);
      case Admitted.Permit permit -> {
        try (permit) {
          yield switch (permit.begin()) {
            case Admitted.Refused(Refusal refusal) -> judgement.refused(refusal);
            case Admitted.Permit _ -> judgement.by(steps);
          };
        }
      }
    };
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

  /** Evaluations under way that may be waited for by several. */
  public int flightsUnderWay() {
    return flights.underWay();
  }

  /** Such evaluations begun since the start. */
  public long flightsBegun() {
    return flights.begun();
  }

  /** Callers since the start that were spared an evaluation of their own. */
  public long flightsJoined() {
    return flights.joined();
  }

  private void evaluate(
      Evaluation run,
      Federation federation,
      Asked asked,
      CacheKey key,
      Waiting caller,
      Steps steps) {
    Flight<SharedJudgement, Judged<IssuedToken>> underWay = flights.find(key);
    Judgement judgement = new Judgement(run.id(), key, federation, asked, run.began());
    if (underWay == null) {
      begin(run, judgement, caller, steps);
    } else if (mayShare(run, judgement, caller)) {
      flights.join(underWay);
      caller.waitFor(underWay, run, evaluations, admission::sharerLeft);
    }
  }

  private void begin(Evaluation run, Judgement judgement, Waiting caller, Steps steps) {
    Turn turn = caller.turn();
    Place place = place(turn, judgement);
    Admitted door =
        place == Place.HERE_NOW
            ? admission.admitAtOnce(run.credential(), caller.deadline())
            : admission.admit(run.credential(), caller.deadline());
    switch (door) {
      case Admitted.Refused(Refusal refusal) ->
          evaluations.close(run, judgement.refused(refusal), caller);
      case Admitted.Permit permit -> {
        CacheKey key = judgement.key();
        SharedJudgement work = work(judgement, permit, steps, false);
        work.awaited(caller);
        var flight =
            switch (place) {
              case HERE_NOW -> flights.join(key, work, () -> turn.spend(work::atOnce));
              case HERE_LATER -> flights.join(key, work, turn::later, work::atOnce);
              case ELSEWHERE -> flights.join(key, work);
            };
        closeWith(flight, permit);
        if (flight.isLeader()) {
          caller.waitFor(flight, run, evaluations, () -> {});
        } else if (mayShare(run, judgement, caller)) {
          caller.waitFor(flight, run, evaluations, admission::sharerLeft);
        }
      }
    }
  }

  /** Whether the caller is let share what is made for somebody else; else it is told so. */
  private boolean mayShare(Evaluation run, Judgement own, Waiting caller) {
    Optional<Refusal> full = admission.admitSharer();
    full.ifPresent(refusal -> evaluations.close(run, own.refused(refusal), caller));
    return full.isEmpty();
  }

  /** Where an evaluation is made. */
  private enum Place {
    HERE_NOW,
    HERE_LATER,
    ELSEWHERE
  }

  private Place place(Turn turn, Judgement judgement) {
    if (judgement.federation().policy().needsUpstream(judgement.asked().grant().audience())) {
      return Place.ELSEWHERE;
    }
    if (admission.isCalm() && turn.hasTime()) {
      return Place.HERE_NOW;
    }
    return turn.isPlaceToWait() ? Place.HERE_LATER : Place.ELSEWHERE;
  }

  /** Has the token of that key made anew; nobody waits for it. */
  private void refresh(
      Evaluation asker, Federation federation, Asked asked, CacheKey key, Steps steps) {
    Deadline none = Deadline.limit(maxDuration);
    if (!(admission.admit(asker.credential(), none) instanceof Admitted.Permit permit)) {
      cache.refreshPutOff(key, asker.began());
      return;
    }
    Evaluation run = evaluations.open(asker.request(), Intent.REFRESH);
    Judgement judgement = new Judgement(run.id(), key, federation, asked, run.began());
    var flight = flights.join(key, work(judgement, permit, steps, true));
    closeWith(flight, permit);
    if (!flight.isLeader()) {
      return;
    }
    flight.whenDone(
        () ->
            evaluations.close(
                run,
                flight::result,
                ended -> {
                  if (ended.verdict().isShed()) {
                    cache.refreshPutOff(key, clock.instant());
                  } else if (ended.outcome() instanceof Outcome.Refused) {
                    cache.refreshFailed();
                  }
                }));
  }

  /** Closes a permit with the flight that it was given for, begun or not. */
  private static void closeWith(
      Flight<SharedJudgement, Judged<IssuedToken>> flight, Admitted.Permit permit) {
    if (flight.isLeader()) {
      flight.whenDone(permit::close); // the work does so before, where it gets a thread
    } else {
      permit.close(); // somebody was faster: not begun, so it counts as not given
    }
  }

  private SharedJudgement work(
      Judgement judgement, Admitted.Permit permit, Steps steps, boolean refresh) {
    return new SharedJudgement(judgement, permit, steps, refresh, cache, clock, maxDuration);
  }

  private static CacheKey key(Evaluation run, Federation federation, Asked asked) {
    GrantRequest wish = asked.grant();
    return CacheKey.of(
        run.credential(),
        asked.credential().tokenType(),
        wish.audience(),
        wish.scopes(),
        wish.lifetime(),
        asked.keys().bindings(),
        federation.revision());
  }
}
