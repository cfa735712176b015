package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.EntryDifference;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.operate.candidate.Candidate.CandidateCases;
import dev.tokenbroker.operate.candidate.Candidate.CandidateStatus;
import dev.tokenbroker.operate.candidate.ComparisonCounts.SkipCause;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.lint.Warning;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The candidate, and what it would change. Immutable.
 *
 * @param revision the revision of the candidate; null if there is none, or if it has problems
 * @param loadedAt when this revision was loaded; null without a revision
 * @param problems the problems of the document; if there are any, nothing is compared
 * @param warnings the warnings of the lint
 * @param cases the results of the case files that the document names
 * @param share the share of exchanges that are compared
 * @param compared the number of compared exchanges by effect, for all but {@code NOT_REPLAYABLE}.
 *     It counts from the load of this candidate or of the federation in force, the later one
 * @param skipped the number of sampled exchanges that were not compared, by cause
 * @param differences the last distinct differences, the newest first
 * @param entries the entries that differ from the document in force; empty if none is in force
 */
public record CandidateReport(
    @Nullable String revision,
    @Nullable Instant loadedAt,
    List<Problem> problems,
    List<Warning> warnings,
    CandidateCases cases,
    double share,
    Map<CandidateEffect, Long> compared,
    Map<SkipCause, Long> skipped,
    List<DecisionDifference> differences,
    List<EntryDifference> entries) {

  static CandidateReport of(
      CandidateStatus status,
      double share,
      @Nullable CandidateTrial trial,
      Optional<Outline> inForce) {
    Federation federation = status.federation();
    ComparisonCounts counts = trial == null ? new ComparisonCounts() : trial.counts();
    return new CandidateReport(
        federation == null ? null : federation.revision(),
        federation == null ? null : federation.loadedAt(),
        status.problems(),
        status.warnings(),
        status.cases(),
        share,
        // Before the differences, so that there is one for each that is counted.
        counts.compared(),
        counts.skipped(),
        trial == null ? List.of() : List.copyOf(trial.differences()),
        entries(inForce, status.outline()));
  }

  private static List<EntryDifference> entries(
      Optional<Outline> inForce, @Nullable Outline candidate) {
    return inForce.isEmpty() || candidate == null
        ? List.of()
        : DocumentDiff.between(inForce.get(), candidate).entries();
  }
}
