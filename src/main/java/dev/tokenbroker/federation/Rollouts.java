package dev.tokenbroker.federation;

import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.federation.LoadResult.Loaded;
import dev.tokenbroker.federation.LoadResult.Rejected;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Puts the candidate in force, or a revision that the history keeps. Only the broker's own history
 * makes this possible: without it, the document on disk decides.
 *
 * <p>A change first does all that can fail: it loads and checks the document, copies it into the
 * history, loads the copy as the next start will, and writes the new list beside the present one.
 * Then it is recorded. Then one rename changes the revision in force on disk, and one write of a
 * reference changes it in memory.
 */
@Singleton
public final class Rollouts {

  private static final Logger LOG = Logger.getLogger(Rollouts.class);
  private static final int REVISION_CHARS = 12;
  private static final String ELSEWHERE = " at another replica";

  private final Federations federations;

  public Rollouts(Federations federations) {
    this.federations = federations;
  }

  /** Changes the history, and what is in force. */
  @FunctionalInterface
  private interface Change<T> {
    Outcome<T> make(History history, HistoryList list) throws IOException;
  }

  /** The revision in force; null if none is. */
  public @Nullable String inForce() {
    return federations.current().map(Federation::revision).orElse(null);
  }

  /** Whether the broker keeps revisions. */
  public boolean keepsHistory() {
    return federations.choice().history() != null;
  }

  /**
   * The kept revisions, the one in force first; none without a history.
   *
   * @return the revisions, or the refusal {@code HISTORY_UNUSABLE}
   */
  public Outcome<List<KeptRevision>> kept() {
    History history = federations.choice().history();
    try {
      return Outcome.accepted(
          history == null
              ? List.of()
              : history.list().map(HistoryList::revisions).orElse(List.of()));
    } catch (IOException e) {
      return unusable(DocumentChoice.unreadable(e));
    }
  }

  /** The promotion or rollback that was carried out last; empty if there is none to be read. */
  public Optional<KeptRevision> lastDecision() {
    History history = federations.choice().history();
    try {
      return history == null ? Optional.empty() : history.list().flatMap(HistoryList::lastDecision);
    } catch (IOException e) {
      LOG.warnf("The last decision is not known: %s", DocumentChoice.unreadable(e));
      return Optional.empty();
    }
  }

  /**
   * The outline of a kept revision.
   *
   * @return the outline; or the refusal {@code REVISION_UNKNOWN} or {@code HISTORY_UNUSABLE}
   */
  public Outcome<Outline> outline(String revision) {
    History history = federations.choice().history();
    try {
      HistoryList list = history == null ? null : history.list().orElse(null);
      if (history == null || list == null || !list.has(revision)) {
        return unknown(revision, list == null ? List.of() : revisions(list));
      }
      return Outcome.accepted(federations.outline(history.location(revision)));
    } catch (IOException e) {
      return unusable(DocumentChoice.unreadable(e));
    }
  }

  /**
   * Puts the document at that path in force and keeps it. An order for the revision in force is
   * carried out, too.
   *
   * @return the federation in force; or a refusal, after which nothing has changed: {@code
   *     ROLLOUT_NOT_CONFIGURED}, {@code REVISION_UNKNOWN} if the document has another revision,
   *     {@code REVISION_UNFIT} if it has problems, {@code HISTORY_UNUSABLE}, or that of the record
   */
  public Outcome<Federation> promote(RolloutOrder order, Path candidate) {
    return changed(
        (history, list) ->
            ofCandidate(order.revision(), candidate, history)
                .then(loaded -> ordered(loaded, order, RolloutAction.PROMOTED, history, list)));
  }

  private Outcome<Loaded> ofCandidate(String ordered, Path candidate, History history)
      throws IOException {
    return switch (federations.load(DocumentLocation.of(candidate))) {
      case Rejected(List<Problem> problems, _) -> unfit(problems);
      case Loaded loaded -> {
        String revision = loaded.federation().revision();
        yield revision.equals(ordered)
            ? Outcome.accepted(federations.kept(loaded, history))
            : unknown(ordered, List.of(revision));
      }
    };
  }

  /**
   * Puts a kept revision in force again.
   *
   * @return as {@link #promote}; {@code REVISION_UNFIT} if its copy is damaged, or if a file with a
   *     secret is not there any more
   */
  public Outcome<Federation> rollBack(RolloutOrder order) {
    return changed(
        (history, list) ->
            ofHistory(order.revision(), history, list)
                .then(loaded -> ordered(loaded, order, RolloutAction.ROLLED_BACK, history, list)));
  }

  private Outcome<Loaded> ofHistory(String revision, History history, HistoryList list)
      throws IOException {
    if (!list.has(revision)) {
      return unknown(revision, revisions(list));
    }
    return switch (federations.loadKept(history.location(revision), revision)) {
      case Rejected(List<Problem> problems, _) -> unfit(problems);
      case Loaded loaded -> Outcome.accepted(loaded);
    };
  }

  /**
   * Carries out a decision of another replica, unless this one has carried out a later one. The
   * document comes from the history if it has the revision, else from the candidate.
   *
   * @param candidate the path of the candidate; empty if it has another revision
   * @param record as in {@link RolloutOrder}
   * @return whether the decision was carried out now; or a refusal as of {@link #promote}
   */
  public Outcome<Boolean> follow(
      KeptRevision decision, Optional<Path> candidate, Supplier<Optional<RefusalReason>> record) {
    String revision = decision.revision();
    return changed(
        (history, list) -> {
          if (list.lastDecision().filter(last -> !decision.isAfter(last)).isPresent()) {
            return Outcome.accepted(false);
          }
          Outcome<Loaded> document =
              list.has(revision) || candidate.isEmpty()
                  ? ofHistory(revision, history, list)
                  : ofCandidate(revision, candidate.get(), history);
          return document
              .then(
                  loaded -> enter(new Decided(loaded, decision, record, ELSEWHERE), history, list))
              .map(_ -> true);
        });
  }

  private <T> Outcome<T> changed(Change<T> change) {
    History history = federations.choice().history();
    if (history == null) {
      return Outcome.refused(
          Refusal.of(RefusalReason.ROLLOUT_NOT_CONFIGURED)
              .expected("token-broker.federation.history-path")
              .seen("none"));
    }
    return federations.exclusively(
        () -> {
          try {
            return change.make(history, begun(history));
          } catch (IOException e) {
            return unusable(DocumentChoice.unreadable(e));
          }
        });
  }

  /** The present list. If the start could not begin the history, this begins it. */
  private HistoryList begun(History history) throws IOException {
    if (history.list().isEmpty() && federations.current().isPresent()) {
      Outcome<Federation> _ = federations.reload();
      return history.list().orElseThrow(() -> new IOException("it cannot be written"));
    }
    return history.list().orElseGet(federations.choice()::emptyList);
  }

  private Outcome<Federation> ordered(
      Loaded loaded, RolloutOrder order, RolloutAction action, History history, HistoryList list) {
    Instant earliest =
        list.lastDecision().map(last -> last.time().plusMillis(1)).orElse(order.time());
    Instant time = order.time().isBefore(earliest) ? earliest : order.time();
    KeptRevision decision =
        new KeptRevision(order.revision(), time, action, order.by(), order.reason());
    return enter(new Decided(loaded, decision, order.record(), ""), history, list);
  }

  /**
   * A document that is to come into force.
   *
   * @param where where it was decided, for people; empty for here
   */
  private record Decided(
      Loaded loaded,
      KeptRevision decision,
      Supplier<Optional<RefusalReason>> record,
      String where) {}

  private Outcome<Federation> enter(Decided decided, History history, HistoryList list) {
    HistoryList next = list.with(decided.decision());
    try {
      history.draft(next);
      Optional<RefusalReason> unrecorded = decided.record().get();
      if (unrecorded.isPresent()) {
        return Outcome.refused(Refusal.of(unrecorded.get()));
      }
      history.commit();
    } catch (IOException e) {
      return unusable(DocumentChoice.unwritable(e));
    }
    Federation taken = federations.enter(decided.loaded(), next, decided.where());
    try {
      history.prune(next);
    } catch (IOException e) {
      LOG.warnf("Earlier revisions stay in the history: %s", DocumentChoice.unwritable(e));
    }
    return Outcome.accepted(taken);
  }

  private static List<String> revisions(HistoryList list) {
    return list.revisions().stream().map(KeptRevision::revision).toList();
  }

  private static <T> Outcome<T> unknown(String ordered, List<String> known) {
    return Outcome.refused(
        Refusal.of(RefusalReason.REVISION_UNKNOWN).expected(expected(known)).seen(ordered));
  }

  /** One revision in full, or the first digits of several. */
  private static String expected(List<String> known) {
    return switch (known.size()) {
      case 0 -> "no revision is kept";
      case 1 -> known.getFirst();
      default ->
          known.stream()
              .map(revision -> revision.substring(0, REVISION_CHARS))
              .collect(Collectors.joining(", ", "one of ", ""));
    };
  }

  private static <T> Outcome<T> unfit(List<Problem> problems) {
    return Outcome.refused(
        Refusal.of(RefusalReason.REVISION_UNFIT)
            .expected("a document without problems")
            .seen(problems.size() + " problem(s); the first: " + problems.getFirst()));
  }

  private static <T> Outcome<T> unusable(Problem problem) {
    return Outcome.refused(
        Refusal.of(RefusalReason.HISTORY_UNUSABLE)
            .expected("a history that can be read and written")
            .seen(problem.message()));
  }
}
