package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.DocumentGate;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Place;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.federation.Problems;
import dev.tokenbroker.rehearsal.CaseReport.Pair;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;

/** Rejects a federation document if its own cases fail. */
@Singleton
public final class CasesGate implements DocumentGate {

  /** The most failures to report of a file. The broker keeps the problems of a document. */
  static final int MAX_FAILURES = 100;

  private static final String REMEDY =
      "Correct the federation document, or the case if the change is intended.";

  private final InstantSource clock;

  public CasesGate(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public List<Problem> judge(Federation rehearsed, List<Source> cases) {
    Rehearsal rehearsal = Rehearsal.of(rehearsed, cases, clock);
    Problems problems = new Problems();
    rehearsal.problems().forEach(problems::add);
    rehearsal.reports().forEach(report -> report(report.file(), report.failed(), problems));
    return problems.sorted();
  }

  private static void report(String file, List<Pair> failed, Problems problems) {
    failed.stream()
        .limit(MAX_FAILURES)
        .forEach(pair -> problems.at(new Place(file, pair.line()), message(pair), REMEDY));
    if (failed.size() > MAX_FAILURES) {
      problems.at(
          new Place(file, 1),
          failed.size() - MAX_FAILURES + " more pairs are not as expected",
          "See all with 'token-broker test'.");
    }
  }

  private static String message(Pair pair) {
    if (pair.expected() instanceof Expectation.Unlisted) {
      return "no case names %s and %s, but the rule %s accepts this pair"
          .formatted(pair.identity(), pair.audience(), pair.judgement().rule());
    }
    Expectation.Difference first = pair.differences().getFirst();
    return "the case '%s' fails for %s and %s: %s: expected %s, got %s"
        .formatted(
            pair.testCase(),
            pair.identity(),
            pair.audience(),
            first.what(),
            first.expected(),
            first.got());
  }
}
