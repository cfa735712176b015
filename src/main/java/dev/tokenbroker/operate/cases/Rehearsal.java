package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.evaluate.federation.document.Federation;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The result of judging case files by a federation.
 *
 * @param problems the problems of the files; if there are any, the reports are incomplete
 */
public record Rehearsal(List<CaseReport> reports, RuleCoverage coverage, List<Problem> problems) {

  /** Judges these files. No file content causes an exception. */
  public static Rehearsal of(Federation federation, List<Source> files, InstantSource clock) {
    Problems problems = new Problems();
    List<CaseFile> read = new ArrayList<>();
    files.forEach(file -> read(file, problems).ifPresent(read::add));
    return judge(federation, read, clock, problems);
  }

  /** Reads a case file; empty if it has problems. */
  public static Optional<CaseFile> read(Source file, Problems problems) {
    return new CaseFileReader(problems).read(file);
  }

  /**
   * Judges files that are already read.
   *
   * @param problems the problems so far; receives the problems of a file with this federation
   */
  public static Rehearsal judge(
      Federation federation, List<CaseFile> files, InstantSource clock, Problems problems) {
    CaseRunner runner = new CaseRunner(federation, clock, problems);
    List<CaseReport> reports = files.stream().map(runner::run).toList();
    return new Rehearsal(reports, runner.coverage(), problems.sorted());
  }

  public boolean passed() {
    return problems.isEmpty() && reports.stream().allMatch(report -> report.failed().isEmpty());
  }
}
