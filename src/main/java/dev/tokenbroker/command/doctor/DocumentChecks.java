package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.evaluate.federation.document.UnconnectedLoader;
import dev.tokenbroker.operate.cases.CasesGate;
import dev.tokenbroker.operate.lint.Lint;
import dev.tokenbroker.operate.lint.Warning;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks a federation document: its problems, its warnings and its cases. Reads only the disk. */
public final class DocumentChecks {

  private final CheckList checks = new CheckList("document");
  private final InstantSource clock;
  private final List<Problem> failures = new ArrayList<>();
  private int caseFiles;

  private DocumentChecks(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The results.
   *
   * @param loaded the document; null if it has problems
   */
  public record DocumentReport(CheckGroup group, @Nullable Loaded loaded) {}

  /** Checks the document as the broker would load it. */
  public static DocumentReport of(Path document, Surroundings surroundings, InstantSource clock) {
    return new DocumentChecks(clock).check(document, surroundings);
  }

  private DocumentReport check(Path document, Surroundings surroundings) {
    return switch (new UnconnectedLoader(surroundings, clock).load(document, this::judge)) {
      case LoadResult.Rejected rejected -> {
        rejected.problems().forEach(problem -> found(Defect.DOCUMENT_PROBLEM, problem));
        checks.skipped(DoctorCheck.DOCUMENT_WARNINGS, "the document does not load");
        checks.skipped(DoctorCheck.DOCUMENT_CASES, "the document does not load");
        yield new DocumentReport(checks.group(), null);
      }
      case Loaded loaded -> {
        checks.passed(DoctorCheck.DOCUMENT_PROBLEMS, summary(loaded.federation()));
        lint(loaded);
        cases();
        yield new DocumentReport(checks.group(), loaded);
      }
    };
  }

  /** Keeps the failed cases apart from the problems of the document; holds nothing back. */
  private List<Problem> judge(Federation federation, List<Source> cases) {
    caseFiles = cases.size();
    failures.clear();
    failures.addAll(new CasesGate(clock).judge(federation, cases));
    return List.of();
  }

  private static String summary(Federation federation) {
    return "revision %s, %d issuers, %d rules"
        .formatted(
            Federation.shortened(federation.revision()),
            federation.issuers().all().size(),
            federation.policy().rules().size());
  }

  private void lint(Loaded loaded) {
    List<Warning> warnings = Lint.of(loaded);
    for (Warning warning : warnings) {
      checks.found(
          Defect.DOCUMENT_WARNING,
          warning.place() + ": " + warning.code().code() + ": " + warning.sentence(),
          warning.remedy());
    }
    if (warnings.isEmpty()) {
      checks.passed(DoctorCheck.DOCUMENT_WARNINGS, "");
    }
  }

  private void cases() {
    failures.forEach(failure -> found(Defect.CASE_FAILED, failure));
    if (caseFiles == 0) {
      checks.skipped(DoctorCheck.DOCUMENT_CASES, "the document names no case files");
    } else if (failures.isEmpty()) {
      checks.passed(DoctorCheck.DOCUMENT_CASES, caseFiles + " case files");
    }
  }

  private void found(Defect defect, Problem problem) {
    String place = problem.line() > 0 ? problem.file() + ":" + problem.line() : problem.file();
    checks.found(defect, place + ": " + problem.message(), problem.remedy());
  }
}
