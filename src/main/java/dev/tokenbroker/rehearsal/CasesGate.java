package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.DocumentGate;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Place;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.federation.Problems;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;

/** Holds back a federation document whose own cases fail. */
@Singleton
public final class CasesGate implements DocumentGate {

  private final InstantSource clock;

  public CasesGate(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public List<Problem> judge(Federation rehearsed, List<Source> cases) {
    Rehearsal rehearsal = Rehearsal.of(rehearsed, cases, clock);
    Problems problems = new Problems();
    rehearsal.problems().forEach(problems::add);
    rehearsal
        .reports()
        .forEach(report -> report.failed().forEach(pair -> report(report.file(), pair, problems)));
    return problems.sorted();
  }

  private static void report(String file, CaseReport.Pair pair, Problems problems) {
    Expectation.Difference first = pair.differences().getFirst();
    problems.at(
        new Place(file, pair.line()),
        "the case '%s' fails for %s and %s: %s is %s instead of %s"
            .formatted(
                pair.testCase(),
                pair.identity(),
                pair.audience(),
                first.what(),
                first.got(),
                first.expected()),
        "Correct the federation document, or the case if the change is intended.");
  }
}
