package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.DocumentGate.Source;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.federation.Problems;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Judges case files by a federation.
 *
 * @param problems of the files themselves; where there are any, the reports are not complete
 */
public record Rehearsal(List<CaseReport> reports, RuleCoverage coverage, List<Problem> problems) {

  /** Judges these files. No content of a file makes it throw. */
  public static Rehearsal of(Federation federation, List<Source> files, InstantSource clock) {
    Problems problems = new Problems();
    CaseFileReader reader = new CaseFileReader(problems);
    CaseRunner runner = new CaseRunner(federation, clock);
    List<CaseReport> reports =
        files.stream()
            .map(reader::read)
            .flatMap(Optional::stream)
            .map(file -> runner.run(file, problems))
            .toList();
    return new Rehearsal(reports, runner.coverage(), problems.sorted());
  }

  /** The path of the federation document that a case file names; empty where it names none. */
  public static Optional<String> federationOf(Source file) {
    return new CaseFileReader(new Problems())
        .read(file)
        .flatMap(read -> Optional.ofNullable(read.federation()));
  }

  public boolean passed() {
    return problems.isEmpty() && reports.stream().allMatch(report -> report.failed().isEmpty());
  }
}
