package dev.tokenbroker.rehearsal.candidate;

import dev.tokenbroker.federation.KeptRevision;
import dev.tokenbroker.federation.Rollouts;
import dev.tokenbroker.store.LogEntry;
import dev.tokenbroker.store.LogKind;
import dev.tokenbroker.store.LogListener;
import dev.tokenbroker.store.SharedStore;
import dev.tokenbroker.store.StoreLog;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The promotions and rollbacks of all replicas, of which the last one counts. Only a replica with a
 * history takes part. {@link DecisionFollower} carries them out. Safe for use by several threads.
 */
@Singleton
public final class SharedDecisions implements LogListener {

  /*
   * The idea. The last decision is the one with the latest time, and of two with the same time the
   * one with the greater content. So all replicas agree, in whatever order they hear. A replica
   * gives its own decision a time after all that it knows, so a clock that is behind loses nothing.
   *
   * The history says which decision was carried out last. An earlier one that comes again changes
   * nothing. Loading a document at the start is no decision.
   */

  private static final Logger LOG = Logger.getLogger(SharedDecisions.class);

  private final SharedStore store;
  private final Rollouts rollouts;
  private final InstantSource clock;
  private final AtomicReference<@Nullable KeptRevision> latest = new AtomicReference<>();
  private volatile @Nullable StoreLog log;
  private volatile boolean unannounced;
  private volatile String waiting = "";

  SharedDecisions(SharedStore store, Rollouts rollouts, InstantSource clock) {
    this.store = store;
    this.rollouts = rollouts;
    this.clock = clock;
  }

  /** Begins to hear decisions; returns whether other replicas can make any. */
  boolean listen() {
    if (!rollouts.keepsHistory()) {
      return false;
    }
    rollouts.lastDecision().ifPresent(this::heard);
    StoreLog decisions = store.listen(LogKind.DECISIONS, this);
    log = decisions;
    return decisions.shared();
  }

  /** The last decision of all that this replica knows; null if there was none. */
  @Nullable KeptRevision latest() {
    return latest.get();
  }

  /** The time of a decision that is made now: after all that this replica knows. */
  Instant next() {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    KeptRevision last = latest.get();
    return last == null || last.time().isBefore(now) ? now : last.time().plusMillis(1);
  }

  /** Tells all replicas of the decision that was carried out here last. May wait for the store. */
  void announce() {
    StoreLog decisions = log;
    Optional<KeptRevision> last = rollouts.lastDecision();
    if (decisions == null || last.isEmpty()) {
      return;
    }
    heard(last.get());
    unannounced = !decisions.announce(DecisionEntry.of(last.get()));
  }

  /**
   * Notes why the last decision is not in force here.
   *
   * @param why empty if it is
   */
  void waits(String why) {
    waiting = why;
  }

  /** What keeps the replicas from judging by the same revision, for operators. */
  List<String> problems() {
    String unheard =
        unannounced ? "the store is away, so other replicas have not heard the last decision" : "";
    return Stream.of(waiting, unheard).filter(text -> !text.isEmpty()).toList();
  }

  @Override
  public void heard(LogEntry entry) {
    Optional<KeptRevision> decision = DecisionEntry.parse(entry);
    if (decision.isEmpty()) {
      LOG.warn(
          "Another replica decided in a form that this one cannot read; use the same release at all"
              + " replicas");
      return;
    }
    heard(decision.get());
    if (decision.get().equals(latest.get())) {
      unannounced = false;
    }
  }

  private void heard(KeptRevision decision) {
    var _ =
        latest.accumulateAndGet(
            decision, (known, heard) -> known == null || heard.isAfter(known) ? heard : known);
  }

  @Override
  public List<LogEntry> known() {
    KeptRevision last = latest.get();
    return last == null ? List.of() : List.of(DecisionEntry.of(last));
  }
}
