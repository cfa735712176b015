package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.StateLog;
import dev.tokenbroker.peers.store.SharedStore.StoreKind;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/**
 * What the broker tells operators about the memory of the store: that it has lost something, or
 * that this replica does not trust it. A loss is a log line and a change once a minute. Safe for
 * use by any number of threads.
 */
@Singleton
public final class StoreNotices {

  private static final Logger LOG = Logger.getLogger(StoreNotices.class);
  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

  private final ChangeListener changes;
  private final Duration mostOff;
  private final LongAdder losses = new LongAdder();
  private final Map<StoreKind, Boolean> fit = new ConcurrentHashMap<>();
  private final StateLog states = new StateLog(StoreNotices.class, Duration.ZERO, System::nanoTime);
  private final AtomicLong quietUntil = new AtomicLong(System.nanoTime());

  @Inject
  StoreNotices(ChangeListener changes, StoreSettings settings) {
    this.changes = changes;
    this.mostOff = settings.maxSkew().dividedBy(2);
  }

  /**
   * What was noticed since the start.
   *
   * @param fit whether this replica claims in the store: no eviction, and the same time
   */
  public record Status(long losses, boolean fit) {}

  public Status status() {
    return new Status(losses.sum(), !fit.containsValue(false));
  }

  /** Notes that claims are gone. */
  void lost(StoreKind kind, Instant at) {
    lost(
        "claims of the kind " + kind.label(),
        " Credentials and proofs from before " + at + " are refused.");
  }

  /** Notes that entries of a log were gone, and that they are announced again. */
  void lost(LogKind kind, long entries) {
    lost(
        entries + " entries of the log " + kind.label(), " This replica has announced them again.");
  }

  private void lost(String what, String then) {
    losses.increment();
    long now = System.nanoTime();
    long until = quietUntil.get();
    if (now - until >= 0 && quietUntil.compareAndSet(until, now + QUIET_NANOS)) {
      LOG.warnf(
          "The store of the replicas has lost %s: it was emptied, has failed over, has another key,"
              + " or somebody has deleted them.%s",
          what, then);
      changes.changed(new Change(ChangeKind.STORE_LOST, SubjectKind.STORE, "", what, "gone"));
    }
  }

  /**
   * Notes whether claims of a kind can be trusted.
   *
   * @param policy the eviction policy of the server; empty if it does not tell
   * @param off by how much the clock of this replica differs from the server's, at least
   */
  boolean isFit(StoreKind kind, String policy, Duration off) {
    String problem = "";
    if (!policy.equals("noeviction")) {
      problem =
          "its maxmemory-policy is not noeviction but %s; the broker reads it by INFO"
              .formatted(policy.isEmpty() ? "not told" : policy);
    } else if (off.compareTo(mostOff) > 0) {
      problem = "this replica's clock is more than half of token-broker.store.max-skew off its own";
    }
    String line = "The store is not fit for claims of the kind " + kind.label() + ": " + problem;
    boolean _ =
        problem.isEmpty()
            ? states.ends(kind.label(), () -> "The store is fit for claims again: " + kind.label())
            : states.begins(kind.label(), problem, () -> line);
    fit.put(kind, problem.isEmpty());
    return problem.isEmpty();
  }
}
