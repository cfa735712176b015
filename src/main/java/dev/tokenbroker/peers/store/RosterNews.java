package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Tells operators which replicas are up: a log line when they or their revisions change, a warning
 * for two of one name, and a change for each replica that vanishes. Confined to the rounds of the
 * {@link Roster}.
 */
final class RosterNews {

  private static final Logger LOG = Logger.getLogger(RosterNews.class);
  private static final int MAX_NAMED = 32;
  private static final int REVISION_CHARS = 12;

  /** A killed replica that is back at once counts beside its former process for a while. */
  private static final int STEADY_ROUNDS = 1 + (int) Roster.LAPSE.dividedBy(Roster.EVERY);

  private final ChangeListener changes;
  private List<Replica> known = List.of();
  private String told = "";
  private int steady;

  RosterNews(ChangeListener changes) {
    this.changes = changes;
  }

  /**
   * Compares the replicas that are up with those of the round before.
   *
   * @param stopped whether a replica that is gone has said so
   */
  void look(Replica self, List<Replica> others, Predicate<Replica> stopped) {
    Set<String> up = others.stream().map(Replica::id).collect(Collectors.toSet());
    known.stream()
        .filter(replica -> !up.contains(replica.id()) && !stopped.test(replica))
        .forEach(this::vanished);
    boolean alone = known.isEmpty() && others.isEmpty();
    known = others;
    List<Replica> all = Stream.concat(Stream.of(self), others.stream()).toList();
    String now =
        all.size()
            + ": "
            + all.stream().limit(MAX_NAMED).map(RosterNews::line).collect(Collectors.joining(", "));
    steady = now.equals(told) ? steady + 1 : 0;
    told = now;
    if (steady == 0 && !alone) {
      LOG.infof("Replicas that are up: %s", now);
    }
    if (steady == STEADY_ROUNDS) {
      warnOfNames(all);
    }
  }

  private void vanished(Replica replica) {
    changes.changed(
        new Change(
            ChangeKind.REPLICA_GONE,
            SubjectKind.BROKER,
            replica.name(),
            "up",
            "silent for " + Roster.LAPSE.toSeconds() + " s"));
  }

  private static String line(Replica replica) {
    String revision = replica.fact(Replica.REVISION);
    return "%s (revision %s)"
        .formatted(
            replica.name(), revision.substring(0, Math.min(REVISION_CHARS, revision.length())));
  }

  private static void warnOfNames(List<Replica> all) {
    Set<String> names = new HashSet<>();
    all.stream()
        .map(Replica::name)
        .filter(name -> !names.add(name))
        .distinct()
        .limit(MAX_NAMED)
        .forEach(
            name ->
                LOG.warnf(
                    "Several replicas have the name %s. Give each another one by"
                        + " token-broker.store.replica-name.",
                    name));
  }
}
