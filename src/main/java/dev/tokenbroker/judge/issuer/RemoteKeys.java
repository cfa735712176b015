package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.issuer.KeySetSource.KeyReview;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.KeySources.IssuerAccess;
import dev.tokenbroker.peers.http.FetchFlight;
import dev.tokenbroker.peers.http.FetchFlight.Awaited;
import dev.tokenbroker.peers.http.ProbeTurn;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that one issuer publishes on the network.
 *
 * <p>Safe for use by any number of threads. The lock guards {@code flight} and all writing of
 * {@code held} and {@code lastFailure}; it is never held while fetching or waiting, and reading
 * needs none.
 */
final class RemoteKeys implements KeySetSource {

  /*
   * The idea. Callers read the keys held, which is one volatile field. Only a caller without a
   * matching key needs a fetch. All such callers share one fetch, a "flight"; there is at most one
   * at a time. A flight needs a slot of the FetchBudget, and there is one slot per cool-down. So
   * the load on the issuer does not depend on the number of callers, the names that they ask for or
   * how hard they retry. That is the whole defence against random kids: nothing is judged about
   * them, but they cannot cause more fetches.
   *
   * By the age of the keys held, counted from when they were requested:
   *
   *     ABSENT    none yet          callers wait for a flight, or get the last refusal
   *     FRESH     < ttl             served
   *     STALE     < ttl + maxStale  served, and a flight begins that no caller waits for
   *     EXPIRED   older             as ABSENT
   *
   * Only a flight that returns a well-formed key set with a usable key changes the keys held, and
   * it replaces them all. So a bad response never costs a good key, and a key that is no longer
   * listed is dropped at once. A failure is remembered until the next success.
   *
   * An unknown kid, while keys are held, waits for a flight or for its slot: see MissedKids.
   * All times are monotonic, so a wall clock that jumps neither ages keys nor opens slots.
   *
   * A credential without kid is tried against all keys and never causes a fetch while keys are
   * held. So new keys of an issuer without key names are only seen at the end of the ttl.
   *
   * A signature that fails under a kid that is held was forged, or the issuer made a new key under
   * the same kid. It counts as an unknown kid does: if the slot is free, a flight decides. Forged
   * signatures therefore cause no more fetches than made-up kids.
   * References: RFC 7517 section 5; OpenID Connect Core 1.0 section 10.1.1.
   */

  private final IssuerDocuments documents;
  private final KeyFetcher fetcher;
  private final FetchBudget budget;
  private final KeyTimes times;
  private final Clocks clocks;
  private final Executor threads;
  private final MissedKids missed;
  private final KeyNews news;
  private final IssuerChanges changes;
  private final KeyEvidence evidence;
  private final KeyRefusals refusals;
  private final ProbeTurn turn;
  private final String place;
  private final CredentialReview reviews;

  /** Held while a result is compared with the keys held and replaces them; never while fetching. */
  private final Object settling = new Object();

  private volatile KeyFetch.@Nullable FetchedKeys held;
  private volatile long version;
  private volatile KeyFetch.@Nullable FetchFailed lastFailure;
  private @Nullable FetchFlight<KeyFetch> flight;

  /**
   * A source that holds nothing yet and has fetched nothing yet.
   *
   * @param threads runs flights; a flight fails if this rejects it or has no thread left
   */
  RemoteKeys(
      KeyLocation location,
      KeyTimes times,
      IssuerAccess source,
      Clocks clocks,
      Executor threads,
      ChangeListener listener) {
    this.times = times;
    this.clocks = clocks;
    this.threads = threads;
    this.budget = new FetchBudget(times.coolDown(), clocks::nanoTime);
    this.place = location.place();
    this.reviews = source.reviews();
    this.changes = new IssuerChanges(location.issuer(), place, listener);
    this.documents = new IssuerDocuments(location, source, budget, times, clocks, changes);
    this.fetcher = new KeyFetcher(location, documents, budget, clocks, changes);
    this.turn = new ProbeTurn(clocks::nanoTime);
    this.missed = new MissedKids(times.coolDown(), clocks::nanoTime);
    this.evidence = new KeyEvidence(fetcher, documents, clocks);
    this.refusals = new KeyRefusals(budget, times, evidence);
    this.news = new KeyNews(location.label(), times.maxStale());
  }

  @Override
  public Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
    long now = clocks.nanoTime();
    KeyFetch.FetchedKeys current = servable(now);
    if (current != null) {
      List<VerificationKey> candidates = current.candidates(kid);
      if (!candidates.isEmpty()) {
        if (!current.isFresh(now)) {
          join(false); // nobody waits for it
        }
        return Outcome.accepted(candidates);
      }
    }
    long missedAt = kid == null ? now : missed.firstMissed(kid, now);
    FetchFlight<KeyFetch> joined = join(current != null);
    return joined == null
        ? fromHeld(kid, missedAt, () -> refusals.nothingHeld(lastFailure))
        : afterFlight(joined, kid, missedAt, deadline);
  }

  @Override
  public List<String> kids() {
    KeyFetch.FetchedKeys current = held;
    return current == null ? List.of() : current.keys().kids();
  }

  @Override
  public boolean publishes(String kid) {
    KeyFetch.FetchedKeys current = servable(clocks.nanoTime());
    return current != null && current.publishes(kid);
  }

  @Override
  public KeyReview review(String kid, List<VerificationKey> used, Deadline deadline) {
    Set<String> tried = KeyRing.thumbprints(used);
    boolean fetched = false;
    if (!KeyEvidence.isReplaced(kid, tried, servable(clocks.nanoTime()))) {
      FetchFlight<KeyFetch> joined = join(true);
      fetched = joined != null && joined.await(deadline) instanceof Awaited.Ended<KeyFetch>;
    }
    KeyFetch.FetchedKeys current = servable(clocks.nanoTime());
    return current == null
        ? KeyReview.NOTHING
        : new KeyReview(
            KeyEvidence.isReplaced(kid, tried, current),
            evidence.ofTried(
                kid, tried, current, lastFailure, fetched ? null : budget.untilSlot()));
  }

  @Override
  public Optional<WitnessKey> withdrawn(String kid) {
    return evidence.withdrawn(kid);
  }

  @Override
  public Optional<WitnessKey> held(String kid) {
    KeyFetch.FetchedKeys current = servable(clocks.nanoTime());
    return current == null
        ? Optional.empty()
        : current.candidates(kid).stream().findFirst().map(WitnessKey::new);
  }

  @Override
  public String place() {
    return place;
  }

  @Override
  public CredentialReview credentialReview() {
    return reviews;
  }

  @Override
  public String underWay() {
    return documents.underWay();
  }

  @Override
  public long version() {
    long now = clocks.nanoTime();
    KeyFetch.FetchedKeys current = servable(now);
    if (current == null) {
      return 0;
    }
    if (!current.isFresh(now)) {
      join(false); // nobody waits for it
    }
    return version;
  }

  @Override
  public KeySetStatus status() {
    return documents.status(held, lastFailure);
  }

  @Override
  public long probeFetches() {
    return documents.probes();
  }

  @Override
  public long failures(RefusalReason reason) {
    return documents.failures(reason);
  }

  @Override
  public Optional<Runnable> dueProbe(Duration every) {
    return !budget.isHeld() && turn.take(every) ? Optional.of(this::probe) : Optional.empty();
  }

  /**
   * Fetches beside the flights, to see changes before a caller does. It takes no slot, nobody waits
   * for it, and a failure leaves all as it is. Keys never replace those that were requested later.
   */
  private void probe() {
    KeyFetch result = fetcher.probe();
    synchronized (settling) {
      compare(result);
      if (result instanceof KeyFetch.FetchedKeys keys) {
        hold(keys);
      }
    }
  }

  /**
   * Begins to fetch in the background where no fresh keys are held and the budget allows it.
   *
   * @param ended runs once, at the end of that fetch, or at once if there is none
   */
  void prefetch(Runnable ended) {
    KeyFetch.FetchedKeys current = held;
    boolean fresh = current != null && current.isFresh(clocks.nanoTime());
    FetchFlight<KeyFetch> begun = fresh ? null : join(false);
    if (begun == null) {
      ended.run();
    } else {
      begun.whenEnded(ended);
    }
  }

  /** The keys held; null where there are none or they are too old. */
  private KeyFetch.@Nullable FetchedKeys servable(long now) {
    KeyFetch.FetchedKeys current = held;
    return current != null && current.isServable(now, times.maxStale()) ? current : null;
  }

  /**
   * The flight under way, or a new one; null while cooling down.
   *
   * @param pastCaches whether a new flight must ask the issuer itself
   */
  private @Nullable FetchFlight<KeyFetch> join(boolean pastCaches) {
    FetchFlight<KeyFetch> begun;
    synchronized (this) {
      if (flight != null) {
        return flight;
      }
      if (!budget.takeSlot()) {
        return null;
      }
      turn.active();
      begun = new FetchFlight<>();
      flight = begun;
    }
    try {
      threads.execute(() -> fly(begun, pastCaches));
    } catch (RuntimeException | Error notBegun) {
      // A flight that never began cannot land by itself. A lack of threads is no bug.
      try {
        settle(KeyRefusals.BROKEN);
      } finally {
        begun.land(KeyRefusals.BROKEN);
      }
    }
    return begun;
  }

  private void fly(FetchFlight<KeyFetch> mine, boolean pastCaches) {
    KeyFetch.FetchedKeys current = held;
    KeyFetch result;
    try {
      result = fetcher.attempt(current == null ? times.minTtl() : current.ttl(), pastCaches);
    } catch (RuntimeException | Error bug) {
      fail(mine, bug);
      throw bug;
    }
    try {
      settle(result);
    } finally {
      mine.land(result);
    }
  }

  /** Takes the result of a flight before the next one may begin. */
  private void settle(KeyFetch result) {
    synchronized (settling) {
      try {
        compare(result);
      } finally {
        land(result);
      }
    }
  }

  /** Tells how a fetch has ended, and what it has changed. */
  private void compare(KeyFetch result) {
    KeyFetch.FetchedKeys current = held;
    news.tell(result, current, clocks.nanoTime());
    if (result instanceof KeyFetch.FetchedKeys keys && !isOutdated(keys)) {
      KeyChange change = evidence.compare(current, result);
      news.tell(change);
      changes.keys(change, KeyFetch.FetchedKeys.sinceLook(current, clocks.nanoTime()));
    }
  }

  /** Whether the keys held were requested later. */
  private boolean isOutdated(KeyFetch.FetchedKeys keys) {
    KeyFetch.FetchedKeys current = held;
    return current != null && current.askedNanos() - keys.askedNanos() > 0;
  }

  private void fail(FetchFlight<KeyFetch> mine, Throwable bug) {
    try {
      settle(KeyRefusals.BROKEN);
    } finally {
      mine.fail(bug);
    }
  }

  private synchronized void land(KeyFetch result) {
    switch (result) {
      case KeyFetch.FetchedKeys keys -> hold(keys);
      case KeyFetch.FetchFailed failed -> lastFailure = failed;
    }
    flight = null;
  }

  private synchronized void hold(KeyFetch.FetchedKeys keys) {
    lastFailure = null;
    KeyFetch.FetchedKeys before = held;
    if (isOutdated(keys)) {
      return;
    }
    held = keys;
    // After the keys: a reader between the two writes repeats a proof needlessly, but never skips
    // one.
    if (before == null || !before.digest().equals(keys.digest())) {
      version++;
    }
  }

  private Outcome<List<VerificationKey>> afterFlight(
      FetchFlight<KeyFetch> joined, @Nullable String kid, long missedAt, Deadline deadline) {
    return switch (joined.await(deadline)) {
      case Awaited.Ended<KeyFetch>(KeyFetch.FetchedKeys keys) ->
          isOutdated(keys)
              ? fromHeld(kid, missedAt, () -> refusals.nothingHeld(lastFailure))
              : among(keys, kid, missedAt);
      // The refusal itself says why that fetch failed.
      case Awaited.Ended<KeyFetch>(KeyFetch.FetchFailed failed) ->
          fromHeld(kid, missedAt, () -> refusals.later(failed.why()));
      case Awaited.TooLate<KeyFetch> _ -> Outcome.refused(refusals.tooLate(deadline));
      case Awaited.TooMany<KeyFetch> _ -> fromHeld(kid, missedAt, refusals::tooMany);
    };
  }

  /**
   * Answers without fetching or waiting.
   *
   * @param otherwise the refusal while no keys are held that may be served
   */
  private Outcome<List<VerificationKey>> fromHeld(
      @Nullable String kid, long missedAt, Supplier<Refusal> otherwise) {
    // Read again: a flight may have landed since.
    KeyFetch.FetchedKeys current = servable(clocks.nanoTime());
    return current != null ? among(current, kid, missedAt) : Outcome.refused(otherwise.get());
  }

  private Outcome<List<VerificationKey>> among(
      KeyFetch.FetchedKeys current, @Nullable String kid, long missedAt) {
    List<VerificationKey> candidates = current.candidates(kid);
    return candidates.isEmpty()
        ? Outcome.refused(refusals.missing(current, kid, missedAt, lastFailure))
        : Outcome.accepted(candidates);
  }
}
