package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/**
 * What the broker tells operators about the memory of the store: that it has lost something, or
 * that this replica does not trust it. A loss is a log line and a change once a minute for each
 * kind of claims and each log. Safe for use by any number of threads.
 */
@Singleton
public final class StoreNotices {

  private static final Logger LOG = Logger.getLogger(StoreNotices.class);
  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

  private final ChangeListener changes;
  private final Duration mostOff;
  private final long quietNanos;
  private final LongAdder losses = new LongAdder();

  /** Why claims of a kind are not trusted; an empty text for those that are. */
  private final Map<StoreKind, String> problems = new ConcurrentHashMap<>();

  /** When the last loss of each kind was told. */
  private final Map<String, Long> toldNanos = new ConcurrentHashMap<>();

  @Inject
  StoreNotices(ChangeListener changes, StoreSettings settings) {
    this(changes, settings, QUIET_NANOS);
  }

  StoreNotices(ChangeListener changes, StoreSettings settings, long quietNanos) {
    this.changes = changes;
    this.mostOff = settings.maxSkew().dividedBy(2);
    this.quietNanos = quietNanos;
  }

  /**
   * What was noticed since the start.
   *
   * @param fit whether this replica claims in the store: no eviction, and the same time
   */
  public record Status(long losses, boolean fit) {}

  public Status status() {
    return new Status(losses.sum(), problems.values().stream().allMatch(String::isEmpty));
  }

  /** Notes that the server had no claims of any replica when this one came. */
  void begun() {
    if (toldNanos.putIfAbsent("begun", System.nanoTime()) == null) {
      LOG.info(
          "The store of the replicas is new, or emptied: no replica has claimed anything in it");
    }
  }

  private static String withoutFigures(String problem) {
    return problem.replaceAll("[0-9.]+", "");
  }

  /** Notes that claims are gone. */
  void lost(StoreKind kind, Instant at) {
    lost(
        kind.label(),
        "claims of the kind " + kind.label(),
        "Credentials and proofs from before " + at + " are refused.");
  }

  /** Notes that entries of a log were gone, and that they are announced again. */
  void lost(LogKind kind, long entries) {
    lost(
        kind.label(),
        entries + " entries of the log " + kind.label(),
        "This replica has announced them again.");
  }

  private void lost(String kind, String what, String then) {
    losses.increment();
    long now = System.nanoTime();
    if (toldNanos.merge(kind, now, (last, _) -> now - last >= quietNanos ? now : last) == now) {
      LOG.warnf(
          "The store of the replicas has lost %s: it was emptied, has failed over, has another key,"
              + " or somebody has deleted them. %s",
          what, then);
      changes.changed(new Change(ChangeKind.STORE_LOST, SubjectKind.STORE, "", what, "gone"));
    }
  }

  /**
   * Notes whether claims of a kind can be trusted.
   *
   * @param policy the eviction policy of the server; empty if it does not tell
   * @param ahead by how much the clock of this replica is ahead of the server's, at least; negative
   *     if it is behind
   */
  boolean isFit(StoreKind kind, String policy, Duration ahead) {
    String problem = "";
    if (!policy.equals("noeviction")) {
      problem =
          "its maxmemory-policy is not noeviction but %s; the broker reads it by INFO"
              .formatted(policy.isEmpty() ? "not told" : policy);
    } else if (ahead.abs().compareTo(mostOff) > 0) {
      problem =
          "this replica's clock is %s by %.1f s, more than half of token-broker.store.max-skew"
              .formatted(ahead.isNegative() ? "behind" : "ahead", ahead.abs().toMillis() / 1e3);
    }
    String before = Objects.requireNonNullElse(problems.put(kind, problem), "");
    if (!withoutFigures(problem).equals(withoutFigures(before))) {
      LOG.logf(
          problem.isEmpty() ? Level.INFO : Level.WARN,
          "The store is %s for claims of the kind %s",
          problem.isEmpty() ? "fit again" : "not fit (" + problem + ")",
          kind.label());
    }
    return problem.isEmpty();
  }
}
