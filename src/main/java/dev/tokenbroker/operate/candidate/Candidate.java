package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Explanation;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.DocumentSlot;
import dev.tokenbroker.evaluate.federation.FederationSettings;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Rejected;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.evaluate.federation.document.UnconnectedLoader;
import dev.tokenbroker.operate.candidate.Candidate.CandidateCases;
import dev.tokenbroker.operate.cases.CaseReport;
import dev.tokenbroker.operate.cases.Rehearsal;
import dev.tokenbroker.operate.lint.Lint;
import dev.tokenbroker.operate.lint.Warning;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Holds the candidate: a whole federation document that decides nothing. Loads it at the start and
 * whenever its files change. It never fetches keys and has no upstreams. A document with problems
 * leaves no candidate; failed cases and warnings are only reported.
 *
 * <p>Safe for use by several threads: readers read one volatile reference, loads run one at a time.
 */
@Singleton
public final class Candidate {

  private static final Logger LOG = Logger.getLogger(Candidate.class);

  private final UnconnectedLoader loader;
  private final InstantSource clock;
  private final ChangeListener changes;
  private final DocumentSlot slot;
  private volatile CandidateStatus status = CandidateStatus.NOTHING;

  Candidate(
      FederationSettings settings,
      UnconnectedLoader loader,
      InstantSource clock,
      ChangeListener changes) {
    this.loader = loader.withRoot(settings.candidateRoot().or(settings::root).orElse(null));
    this.clock = clock;
    this.changes = changes;
    this.slot =
        new DocumentSlot(
            SubjectKind.CANDIDATE,
            settings.candidatePath().orElse(null),
            settings.pollInterval(),
            this::load);
  }

  void start(@Observes Startup event) {
    slot.start();
  }

  void stop(@Observes Shutdown event) {
    slot.close();
  }

  DocumentSlot slot() {
    return slot;
  }

  /** The path of the document; empty if the settings name none. */
  public Optional<Path> path() {
    return slot.path();
  }

  /** Whether there is a candidate without problems. */
  boolean isLoaded() {
    return status.federation() != null;
  }

  @Nullable Federation federation() {
    return status.federation();
  }

  /** The result of the last load. */
  public CandidateStatus status() {
    return status;
  }

  /** Loads the document now. Does nothing if the settings name none. */
  public void reload() {
    slot.reload();
  }

  private LoadResult load(Path document) {
    CandidateCases[] cases = {CandidateCases.NONE};
    LoadResult result =
        loader.load(
            document,
            (rehearsed, files) -> {
              cases[0] = CandidateCases.of(Rehearsal.of(rehearsed, files, clock));
              return List.of(); // failed cases are reported, and hold nothing back
            });
    switch (result) {
      case Loaded loaded -> take(document, loaded, cases[0]);
      case Rejected rejected -> reject(document, rejected.problems());
    }
    return result;
  }

  private void take(Path document, Loaded loaded, CandidateCases cases) {
    Federation current = status.federation();
    Federation next = loaded.federation();
    // The object stands for the load of a revision, from which the comparison counts.
    boolean same = current != null && current.revision().equals(next.revision());
    CandidateStatus taken =
        new CandidateStatus(
            same ? current : next, loaded.outline(), List.of(), Lint.of(loaded), cases);
    status = taken;
    if (!same) {
      changes.changed(
          slot.change(ChangeKind.CANDIDATE_LOADED, current, DocumentSlot.revision(next)));
    }
    LOG.infof(
        "Candidate %s %s: revision %s, %d warnings, %d cases as expected, %d not",
        document,
        same ? "read again" : "loaded",
        Federation.shortened(next.revision()),
        taken.warnings().size(),
        cases.passed(),
        cases.failed());
  }

  private void reject(Path document, List<Problem> problems) {
    Federation current = status.federation();
    status = CandidateStatus.rejected(problems);
    changes.changed(
        slot.change(ChangeKind.CANDIDATE_REJECTED, current, problems.getFirst().toString()));
    problems.stream()
        .limit(DocumentSlot.MAX_LOGGED_PROBLEMS)
        .forEach(problem -> LOG.warnf("Candidate: %s", problem));
    LOG.warnf(
        "Candidate %s has %d problem(s); nothing is compared until it is corrected",
        document, problems.size());
  }

  /**
   * The candidate's verdict on an explained request. It begins at the issuer: the federation in
   * force has verified the credential. Empty without a candidate, or if the federation in force
   * refused the request before its rules.
   */
  public Optional<Verdict> verdict(Explanation explanation) {
    Federation federation = status.federation();
    Judged judged = explanation.judged();
    if (federation == null || judged == null) {
      return Optional.empty();
    }
    Verdict inForce = explanation.verdict();
    return Optional.of(
        Verdict.of(
            inForce.id(),
            inForce.evaluationTime(),
            inForce.intent(),
            federation.revision(),
            judged.target(),
            new CandidateJudge(federation).trail(judged, inForce.evaluationTime()),
            federation.policy()));
  }

  /**
   * The results of the case files that a candidate names.
   *
   * @param passed the number of pairs that are as expected
   * @param failed the number of pairs that are not as expected
   * @param failures the problems of the files and the failed pairs, at most {@value #MAX_FAILURES}
   */
  public record CandidateCases(long passed, long failed, List<Problem> failures) {

    static final int MAX_FAILURES = 100;

    static final CandidateCases NONE = new CandidateCases(0, 0, List.of());

    static CandidateCases of(Rehearsal rehearsal) {
      long failed = rehearsal.reports().stream().mapToLong(report -> report.failed().size()).sum();
      long pairs = rehearsal.reports().stream().mapToLong(report -> report.pairs().size()).sum();
      return new CandidateCases(
          pairs - failed,
          failed,
          Stream.concat(
                  rehearsal.problems().stream(),
                  rehearsal.reports().stream().flatMap(CaseReport::failures))
              .limit(MAX_FAILURES)
              .toList());
    }
  }

  /**
   * The result of the last load of the candidate. Immutable.
   *
   * @param federation the candidate, without keys and upstreams; null if it has problems, or if
   *     none is loaded
   * @param outline where its entries stand; null without a federation
   */
  public record CandidateStatus(
      @Nullable Federation federation,
      @Nullable Outline outline,
      List<Problem> problems,
      List<Warning> warnings,
      CandidateCases cases) {

    static final CandidateStatus NOTHING =
        new CandidateStatus(null, null, List.of(), List.of(), CandidateCases.NONE);

    static CandidateStatus rejected(List<Problem> problems) {
      return new CandidateStatus(null, null, List.copyOf(problems), List.of(), CandidateCases.NONE);
    }
  }
}
