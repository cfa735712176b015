package dev.tokenbroker.command;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.command.report.JUnitPrinter;
import dev.tokenbroker.command.report.JsonPrinter;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.UnconnectedLoader;
import dev.tokenbroker.operate.cases.CaseReport;
import dev.tokenbroker.operate.cases.Rehearsal;
import dev.tokenbroker.operate.cases.RuleCoverage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code test}: judges case files by a federation document. Needs no network and issues nothing.
 */
final class TestCommand implements Command {

  private static final String FEDERATION = "--federation";
  private static final String JUNIT = "--junit";
  private static final String FILTER = "--filter";
  private static final String JSON = "--json";
  private static final String REQUIRE_COVERAGE = "--require-coverage";
  private static final String PATH = "PATH";

  private final Terminal console;

  TestCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "test",
            "Judges the cases of *.cases.yaml files by a federation document, with the broker's own code. Fetches"
                + " nothing and issues nothing. Ends with 0 if all are as expected, with 1 if not.")
        .addOption(
            Commands.path(
                FEDERATION,
                "FILE",
                "The document to judge by. The default is the one that each case file names, or federation.yaml"
                    + " beside it, or else the directory of the case file."))
        .addOption(
            Commands.option(
                FILTER,
                "TEXT",
                "Show and count only cases whose name contains this. Coverage counts all cases."))
        .addOption(
            Commands.path(JUNIT, "FILE", "Write the results to this file, too, as JUnit XML."))
        .addOption(Commands.flag(JSON, "Print the results as JSON."))
        .addOption(
            Commands.flag(
                REQUIRE_COVERAGE,
                "End with 1 unless each rule accepts at least one pair and refuses at least one."))
        .addOption(Warnings.option())
        .addPositional(
            PositionalParamSpec.builder()
                .index("0..*")
                .arity("1..*")
                .required(true)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(PATH)
                .description("A case file, or a directory with files of the name *.cases.yaml.")
                .build());
  }

  /**
   * What all documents came to.
   *
   * @param input {@code OK} unless a file could not be used, so that the reports are not complete
   * @param sound whether no document has a warning that counts
   */
  private record Results(
      List<CaseReport> reports,
      Map<String, RuleCoverage> coverage,
      ExitCode input,
      boolean sound) {}

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    Warnings warnings = Warnings.of(given, console);
    List<Path> paths = new ArrayList<>();
    for (String path : given.<List<String>>matchedPositionalValue(0, List.of())) {
      paths.add(Paths.of(path, PATH));
    }
    UnconnectedLoader loader =
        new UnconnectedLoader(CommandSettings.load().surroundings(), Clock.systemUTC());
    Results results = judge(given, CaseInput.files(paths), loader, warnings);
    if (results.input() != ExitCode.OK) {
      return results.input();
    }
    List<CaseReport> shown = filtered(results.reports(), given.matchedOptionValue(FILTER, ""));
    if (given.hasMatchedOption(FILTER)
        && shown.stream().allMatch(report -> report.pairs().isEmpty())) {
      throw new Failure(ExitCode.REFUSED, "no case has a name that contains the text of " + FILTER);
    }
    show(given, shown, results.coverage());
    boolean passed = shown.stream().allMatch(report -> report.failed().isEmpty());
    boolean covered =
        !given.hasMatchedOption(REQUIRE_COVERAGE)
            || results.coverage().values().stream().allMatch(one -> one.uncovered().isEmpty());
    return passed && covered && results.sound() ? ExitCode.OK : ExitCode.REFUSED;
  }

  // --- judging

  private Results judge(
      ParseResult given, Collection<Path> files, UnconnectedLoader loader, Warnings warnings)
      throws Failure {
    List<CaseReport> reports = new ArrayList<>();
    Map<String, RuleCoverage> coverage = new LinkedHashMap<>();
    Problems problems = new Problems();
    ExitCode input = ExitCode.OK;
    boolean sound = true;
    @Nullable Path named =
        given.hasMatchedOption(FEDERATION)
            ? Path.of(given.matchedOptionValue(FEDERATION, ""))
            : null;
    for (CaseInput one : CaseInput.byDocument(files, named, problems)) {
      String document = one.document().toString();
      switch (loader.load(one.document(), DocumentGate.OPEN)) {
        case LoadResult.Rejected rejected -> {
          CheckCommand.complain(console, document, rejected.problems());
          input = Files.isReadable(one.document()) ? ExitCode.DATA : ExitCode.NO_INPUT;
        }
        case LoadResult.Loaded loaded -> {
          sound &= warnings.show(document, loaded);
          Rehearsal rehearsal =
              Rehearsal.judge(loaded.federation(), one.files(), Clock.systemUTC(), problems);
          reports.addAll(rehearsal.reports());
          coverage.put(document, rehearsal.coverage());
        }
      }
    }
    problems.sorted().stream().map(Problem::toString).forEach(console::complain);
    if (input == ExitCode.OK && !problems.isEmpty()) {
      input = ExitCode.DATA;
    }
    return new Results(reports, coverage, input, sound);
  }

  private static List<CaseReport> filtered(List<CaseReport> reports, String text) {
    return text.isEmpty()
        ? reports
        : reports.stream()
            .map(
                report ->
                    new CaseReport(
                        report.file(),
                        report.revision(),
                        report.pairs().stream()
                            .filter(pair -> pair.testCase().contains(text))
                            .toList()))
            .toList();
  }

  // --- output

  private void show(ParseResult given, List<CaseReport> reports, Map<String, RuleCoverage> coverage)
      throws Failure {
    Paths.write(
        given, JUNIT, () -> JUnitPrinter.print(reports.stream().map(CaseOutput::of).toList()));
    if (given.hasMatchedOption(JSON)) {
      console.print(JsonPrinter.print(CaseOutput.json(reports, coverage)));
      return;
    }
    reports.forEach(report -> console.print(CaseOutput.text(report)));
    console.print(CaseOutput.summary(reports, coverage));
  }
}
