package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Federation;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;

/** Rejects a federation document if its own cases fail. */
@Singleton
public final class CasesGate implements DocumentGate {

  /** The most failures to report of a file. The broker keeps the problems of a document. */
  static final int MAX_FAILURES = 100;

  private final InstantSource clock;

  public CasesGate(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public List<Problem> judge(Federation rehearsed, List<Source> cases) {
    Rehearsal rehearsal = Rehearsal.of(rehearsed, cases, clock);
    Problems problems = new Problems();
    rehearsal.problems().forEach(problems::add);
    rehearsal.reports().forEach(report -> report(report, problems));
    return problems.sorted();
  }

  private static void report(CaseReport report, Problems problems) {
    report.failures().limit(MAX_FAILURES).forEach(problems::add);
    int failed = report.failed().size();
    if (failed > MAX_FAILURES) {
      problems.at(
          new Place(report.file(), 1),
          failed - MAX_FAILURES + " more pairs are not as expected",
          "See all with 'token-broker test'.");
    }
  }
}
