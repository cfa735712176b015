package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.token.CacheKey;
import dev.tokenbroker.token.TokenCache;
import java.time.InstantSource;

/**
 * Has a held token made anew ahead of its end, in the background: nobody waits for it. Recorded as
 * an evaluation of its own, with the intent {@link Intent#REFRESH}. Safe for use by any number of
 * threads.
 */
final class RefreshAhead {

  private final Evaluations evaluations;
  private final Flights flights;
  private final TokenCache<CacheKey, Provenance> cache;
  private final InstantSource clock;

  RefreshAhead(
      Evaluations evaluations,
      Flights flights,
      TokenCache<CacheKey, Provenance> cache,
      InstantSource clock) {
    this.evaluations = evaluations;
    this.flights = flights;
    this.cache = cache;
    this.clock = clock;
  }

  /**
   * Begins, or puts it off where there is too much to do.
   *
   * @param asker who was given the held token of that key
   */
  void begin(Evaluation asker, Posed posed, CacheKey key) {
    switch (flights.admit(asker.credential())) {
      case Admitted.Refused _ -> cache.refreshPutOff(key, asker.began());
      case Admitted.Permit permit -> begin(permit, evaluations.openRefresh(asker), posed, key);
    }
  }

  private void begin(Admitted.Permit permit, Evaluation run, Posed posed, CacheKey key) {
    var flight = flights.refresh(new Judgement(run.id(), key, posed, run.began()), permit);
    if (flight.isLeader()) {
      flight.whenDone(() -> evaluations.close(run, flight::result, ending -> ended(key, ending)));
    }
  }

  private void ended(CacheKey key, Exchanged ending) {
    if (ending.verdict().isShed()) {
      cache.refreshPutOff(key, clock.instant());
    } else if (ending.outcome() instanceof Outcome.Refused) {
      cache.refreshFailed();
    }
  }
}
