package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.DocumentGate.Source;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.federation.Problems;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges case files by a federation.
 *
 * @param problems of the files; where there are any, the reports are not complete
 */
public record Rehearsal(List<CaseReport> reports, RuleCoverage coverage, List<Problem> problems) {

  /** Judges these files. No content of a file makes it throw. */
  public static Rehearsal of(Federation federation, List<Source> files, InstantSource clock) {
    Problems problems = new Problems();
    List<CaseFile> read = new ArrayList<>();
    files.forEach(file -> read(file, problems).ifPresent(read::add));
    return judge(federation, read, clock, problems);
  }

  /** Reads a case file; empty where it has problems. */
  public static Optional<CaseFile> read(Source file, Problems problems) {
    return new CaseFileReader(problems).read(file);
  }

  /**
   * Judges files that were read.
   *
   * @param problems those found so far; receives what makes a file unfit for this federation
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
