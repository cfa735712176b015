package dev.tokenbroker.store;

import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.outcome.ChangeKind;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.outcome.SubjectKind;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * In which facts replicas differ. One that lasts for {@code token-broker.store.settling-time} is a
 * change: one event when it begins, one when it ends. Safe for use by any number of threads.
 */
@Singleton
public final class ReplicaDifferences {

  /** How many events one look reports. */
  static final int MAX_EVENTS = 32;

  private static final int MAX_NAMED = 4;

  private final Roster roster;
  private final ChangeListener changes;
  private final Duration settling;
  private final LongSupplier nanoTime;
  private final Map<ReplicaDifference.Point, Long> since = new HashMap<>(); // guarded by this

  /** The last reported state of each difference that has been reported. Guarded by this. */
  private final Map<Subject, List<ReplicaDifference>> reported = new LinkedHashMap<>();

  private volatile List<ReplicaDifference> differences = List.of();

  /** What an event is about. */
  private record Subject(String id, ComparedFact fact) {

    static Subject of(ReplicaDifference difference) {
      return new Subject(difference.replica().id(), difference.fact());
    }
  }

  @Inject
  ReplicaDifferences(StoreSettings settings, Roster roster, ChangeListener changes) {
    this(settings.settlingTime(), roster, changes, System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  public ReplicaDifferences(
      Duration settling, Roster roster, ChangeListener changes, LongSupplier nanoTime) {
    this.settling = settling;
    this.roster = roster;
    this.changes = changes;
    this.nanoTime = nanoTime;
  }

  void start(@Observes Startup event) {
    roster.afterRound(this::look);
  }

  /** All differences at the last look, in the order of the facts. */
  public List<ReplicaDifference> all() {
    return differences;
  }

  /** Whether it has lasted so long that it is a change. */
  public boolean isSettled(ReplicaDifference difference) {
    return difference.lasting().compareTo(settling) >= 0;
  }

  /** How many replicas differ in that fact for longer than the settling time. */
  public long replicas(ComparedFact fact) {
    return differences.stream()
        .filter(difference -> difference.fact() == fact && isSettled(difference))
        .map(difference -> difference.replica().id())
        .distinct()
        .count();
  }

  /** Compares the replicas that are up. While the store is away, all stays as it was. */
  synchronized void look() {
    if (roster.silence().compareTo(Roster.INTERRUPTION) > 0) {
      return;
    }
    long now = nanoTime.getAsLong();
    Map<Replica, Duration> up = roster.clocks();
    List<ReplicaDifference> found = ReplicaComparison.of(up);
    since
        .keySet()
        .retainAll(
            found.stream().map(ReplicaDifference::point).collect(Collectors.toUnmodifiableSet()));
    differences =
        found.stream()
            .map(
                each -> {
                  long began = since.computeIfAbsent(each.point(), _ -> now);
                  return each.lasting(Duration.ofNanos(now - began));
                })
            .toList();
    report(up.keySet().stream().map(Replica::id).collect(Collectors.toUnmodifiableSet()));
  }

  private void report(Set<String> up) {
    Map<Subject, List<ReplicaDifference>> settled =
        differences.stream()
            .filter(this::isSettled)
            .collect(Collectors.groupingBy(Subject::of, LinkedHashMap::new, Collectors.toList()));
    settled.entrySet().stream()
        .filter(entry -> !reported.containsKey(entry.getKey()))
        .limit(MAX_EVENTS)
        .forEach(entry -> begun(entry.getValue()));
    reported.entrySet().stream()
        .filter(entry -> !settled.containsKey(entry.getKey()))
        .limit(MAX_EVENTS)
        .forEach(entry -> ended(entry.getValue(), up.contains(entry.getKey().id())));
    reported.clear();
    reported.putAll(settled);
  }

  private void begun(List<ReplicaDifference> settled) {
    changes.changed(
        change(
                ChangeKind.REPLICA_DIFFERS,
                settled,
                "others: " + text(settled, ReplicaDifference::textOfOthers),
                text(settled, ReplicaDifference::text))
            .since(settled.getFirst().lasting()));
  }

  private void ended(List<ReplicaDifference> settled, boolean up) {
    changes.changed(
        change(
            ChangeKind.REPLICA_DIFFERENCE_ENDED,
            settled,
            text(settled, ReplicaDifference::text),
            up ? "like the others" : "the replica is down"));
  }

  private static Change change(
      ChangeKind kind, List<ReplicaDifference> settled, String was, String is) {
    return new Change(kind, SubjectKind.REPLICA, settled.getFirst().replica().name(), was, is);
  }

  private static String text(
      List<ReplicaDifference> settled, Function<ReplicaDifference, String> each) {
    String first = settled.stream().limit(MAX_NAMED).map(each).collect(Collectors.joining(", "));
    return settled.size() > MAX_NAMED
        ? first + " and " + (settled.size() - MAX_NAMED) + " more"
        : first;
  }
}
