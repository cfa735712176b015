package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.token.CacheKey;
import dev.tokenbroker.token.CredentialDigest;
import dev.tokenbroker.token.Flight;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.SingleFlight;
import dev.tokenbroker.token.TokenCache;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * Evaluations under way: begins each once, where it is best made, and bounds how many there are and
 * how many callers share them.
 *
 * <p>Safe for use by any number of threads; waits for nothing.
 */
public final class Flights {

  private final SingleFlight<CacheKey, SharedJudgement, Judged<IssuedToken>> flights;
  private final Admission admission;
  private final TokenCache<CacheKey, Provenance> cache;
  private final InstantSource clock;
  private final Duration maxDuration;
  private final LongAdder joined = new LongAdder();

  /**
   * @param cache is given what they bring
   * @param maxDuration the longest that any may take
   */
  Flights(
      SingleFlight<CacheKey, SharedJudgement, Judged<IssuedToken>> flights,
      Admission admission,
      TokenCache<CacheKey, Provenance> cache,
      InstantSource clock,
      Duration maxDuration) {
    this.flights = flights;
    this.admission = admission;
    this.cache = cache;
    this.clock = clock;
    this.maxDuration = maxDuration;
  }

  /**
   * Lets a caller share the evaluation of the same request, or begins it.
   *
   * @param own what is begun where none is under way, or one that was given up
   * @return the flight, which the caller is to {@link #left leave}; or the refusal of the door
   */
  Outcome<Flight<SharedJudgement, Judged<IssuedToken>>> board(Judgement own, Waiting caller) {
    Outcome<Flight<SharedJudgement, Judged<IssuedToken>>> boarded = boarded(own, caller);
    if (boarded
            instanceof Outcome.Accepted<Flight<SharedJudgement, Judged<IssuedToken>>>(var flight)
        && !flight.isLeader()) {
      joined.increment();
    }
    return boarded;
  }

  private Outcome<Flight<SharedJudgement, Judged<IssuedToken>>> boarded(
      Judgement own, Waiting caller) {
    Flight<SharedJudgement, Judged<IssuedToken>> underWay = flights.find(own.key());
    if (underWay == null) {
      return begin(own, caller);
    }
    Outcome<Flight<SharedJudgement, Judged<IssuedToken>>> shared = shared(underWay);
    if (shared instanceof Outcome.Accepted && !underWay.work().join(caller)) {
      left(underWay);
      return begin(own, caller);
    }
    return shared;
  }

  /** One who was let board waits no longer. */
  void left(Flight<SharedJudgement, Judged<IssuedToken>> flight) {
    if (!flight.isLeader()) {
      admission.sharerLeft(flight.work().sharers());
    }
  }

  /** Asks for an evaluation that nobody waits for. */
  Admitted admit(CredentialDigest credential) {
    return admission.admit(credential, Deadline.limit(maxDuration));
  }

  /** Has a held token replaced, unless the same request is being evaluated anyway. */
  Flight<SharedJudgement, Judged<IssuedToken>> refresh(
      Judgement judgement, Admitted.Permit permit) {
    var flight = flights.join(judgement.key(), work(judgement, permit, true));
    closeWith(flight, permit);
    return flight;
  }

  /** How many are under way. */
  public int underWay() {
    return flights.underWay();
  }

  /** How many were begun since the start. */
  public long begun() {
    return flights.begun();
  }

  /** How many callers since the start were spared an evaluation of their own. */
  public long joined() {
    return joined.sum();
  }

  private Outcome<Flight<SharedJudgement, Judged<IssuedToken>>> begin(
      Judgement judgement, Waiting caller) {
    CacheKey key = judgement.key();
    Turn turn = caller.turn();
    Where where = where(turn, judgement);
    Admitted door =
        where == Where.HERE_NOW
            ? admission.admitAtOnce(key.credential(), caller.deadline())
            : admission.admit(key.credential(), caller.deadline());
    return switch (door) {
      case Admitted.Refused(Refusal refusal) -> Outcome.refused(refusal);
      case Admitted.Permit permit -> {
        SharedJudgement work = work(judgement, permit, false);
        boolean _ = work.join(caller);
        Predicate<SharedJudgement> shared = underWay -> underWay.join(caller);
        var flight =
            switch (where) {
              case HERE_NOW ->
                  flights.join(key, work, shared, Runnable::run, () -> turn.spend(work::atOnce));
              case HERE_LATER -> flights.join(key, work, shared, turn::later, work::atOnce);
              case ELSEWHERE -> flights.join(key, work, shared);
            };
        closeWith(flight, permit);
        yield flight.isLeader() ? Outcome.accepted(flight) : sharedByOneFaster(flight, caller);
      }
    };
  }

  private Outcome<Flight<SharedJudgement, Judged<IssuedToken>>> sharedByOneFaster(
      Flight<SharedJudgement, Judged<IssuedToken>> flight, Waiting caller) {
    Outcome<Flight<SharedJudgement, Judged<IssuedToken>>> shared = shared(flight);
    if (shared instanceof Outcome.Refused) {
      flight.work().left(caller);
    }
    return shared;
  }

  /** Where an evaluation is made. */
  private enum Where {
    HERE_NOW,
    HERE_LATER,
    ELSEWHERE
  }

  private Where where(Turn turn, Judgement judgement) {
    if (judgement.federation().policy().needsUpstream(judgement.asked().grant().audience())) {
      return Where.ELSEWHERE;
    }
    if (admission.isCalm() && turn.hasTime()) {
      return Where.HERE_NOW;
    }
    return turn.joinCrowd() ? Where.HERE_LATER : Where.ELSEWHERE;
  }

  /** The flight for one who did not begin it, if it may be shared by one more. */
  private Outcome<Flight<SharedJudgement, Judged<IssuedToken>>> shared(
      Flight<SharedJudgement, Judged<IssuedToken>> flight) {
    Optional<Refusal> full = admission.admitSharer(flight.work().sharers());
    return full.isPresent() ? Outcome.refused(full.get()) : Outcome.accepted(flight);
  }

  /** Closes a permit with the flight that it was given for, begun or not. */
  private static void closeWith(
      Flight<SharedJudgement, Judged<IssuedToken>> flight, Admitted.Permit permit) {
    if (flight.isLeader()) {
      flight.whenDone(
          () -> {
            permit.close(); // the work does so before, where it gets a thread
            flight.work().landed();
          });
    } else {
      permit.close(); // somebody was faster: not begun, so it counts as not given
    }
  }

  private SharedJudgement work(Judgement judgement, Admitted.Permit permit, boolean refresh) {
    return new SharedJudgement(judgement, permit, refresh, cache, clock, maxDuration);
  }
}
