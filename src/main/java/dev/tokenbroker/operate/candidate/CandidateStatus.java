package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.evaluate.federation.document.Problem;
import dev.tokenbroker.operate.lint.Warning;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of the last load of the candidate. Immutable.
 *
 * @param federation the candidate, without keys and upstreams; null if it has problems, or if none
 *     is loaded
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
