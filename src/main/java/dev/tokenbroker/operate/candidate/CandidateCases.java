package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.evaluate.federation.document.Problem;
import dev.tokenbroker.operate.cases.CaseReport;
import dev.tokenbroker.operate.cases.Rehearsal;
import java.util.List;
import java.util.stream.Stream;

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
