package dev.tokenbroker.command;

import dev.tokenbroker.federation.DocumentGate;
import dev.tokenbroker.federation.DocumentGate.Source;
import dev.tokenbroker.federation.LoadResult;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.federation.Problems;
import dev.tokenbroker.outbound.UpstreamSettings;
import dev.tokenbroker.rehearsal.CaseFile;
import dev.tokenbroker.rehearsal.CaseReport;
import dev.tokenbroker.rehearsal.Rehearsal;
import dev.tokenbroker.rehearsal.RuleCoverage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.stream.XMLStreamException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
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
  private static final String BESIDE = "federation.yaml";
  private static final Pattern CASE_FILE = Pattern.compile("[^.].*\\.cases\\.ya?ml");

  private final Console console;

  TestCommand(Console console) {
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
            option(
                FEDERATION,
                "FILE",
                "The document to judge by. The default is the one that each case file names, or federation.yaml"
                    + " beside it, or else the directory of the case file."))
        .addOption(
            option(
                FILTER,
                "TEXT",
                "Show and count only cases whose name contains this. Coverage counts all cases."))
        .addOption(option(JUNIT, "FILE", "Write the results to this file, too, as JUnit XML."))
        .addOption(flag(JSON, "Print the results as JSON."))
        .addOption(
            flag(
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

  private static OptionSpec option(String name, String value, String description) {
    return OptionSpec.builder(name)
        .paramLabel(value)
        .type(String.class)
        .arity("1")
        .description(description)
        .build();
  }

  private static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).arity("0").type(boolean.class).description(description).build();
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
    Paths.check(given, FEDERATION);
    Paths.check(given, JUNIT);
    Warnings warnings = Warnings.of(given, console);
    List<Path> paths = new ArrayList<>();
    for (String path : given.<List<String>>matchedPositionalValue(0, List.of())) {
      paths.add(Paths.of(path, PATH));
    }
    Map<Path, Path> files = new LinkedHashMap<>();
    for (Path path : paths) {
      caseFiles(path).forEach(file -> files.putIfAbsent(real(file), file));
    }
    boolean httpToLoopback =
        CommandSettings.load().of(UpstreamSettings.class).allowHttpToLoopback();
    Results results = judge(given, files.values(), httpToLoopback, warnings);
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

  // --- input

  private static List<Path> caseFiles(Path path) throws Failure {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> entries = Files.list(path)) {
      List<Path> files =
          entries.filter(file -> CASE_FILE.matcher(name(file)).matches()).sorted().toList();
      if (files.isEmpty()) {
        throw new Failure(ExitCode.NO_INPUT, path + " holds no file of the name *.cases.yaml");
      }
      return files;
    } catch (IOException | UncheckedIOException broken) {
      throw new Failure(ExitCode.NO_INPUT, path + " cannot be read");
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** The same for all names of a file. */
  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException absent) {
      return file.toAbsolutePath();
    }
  }

  /**
   * The case files of one document.
   *
   * @param path the document, as the user or the first case file names it
   */
  private record Judged(Path path, List<CaseFile> files) {}

  private static Collection<Judged> byDocument(
      ParseResult given, Collection<Path> files, Problems problems) throws Failure {
    Map<Path, Judged> byDocument = new LinkedHashMap<>();
    for (Path path : files) {
      String text = BoundedInput.wholeText(path, path.toString(), Source.MAX_BYTES);
      Optional<CaseFile> read = Rehearsal.read(new Source(path.toString(), text), problems);
      if (read.isPresent()) {
        Path document =
            given.hasMatchedOption(FEDERATION)
                ? Paths.of(given.matchedOptionValue(FEDERATION, ""), FEDERATION)
                : document(path, read.get());
        byDocument
            .computeIfAbsent(real(document), _ -> new Judged(document, new ArrayList<>()))
            .files()
            .add(read.get());
      }
    }
    return byDocument.values();
  }

  private static Path document(Path path, CaseFile file) {
    if (file.federation() != null) {
      return path.resolveSibling(file.federation());
    }
    Path beside = path.resolveSibling(BESIDE);
    return Files.exists(beside)
        ? beside
        : Objects.requireNonNullElse(path.getParent(), Path.of("."));
  }

  // --- judging

  private Results judge(
      ParseResult given, Collection<Path> files, boolean httpToLoopback, Warnings warnings)
      throws Failure {
    List<CaseReport> reports = new ArrayList<>();
    Map<String, RuleCoverage> coverage = new LinkedHashMap<>();
    Problems problems = new Problems();
    ExitCode input = ExitCode.OK;
    boolean sound = true;
    for (Judged one : byDocument(given, files, problems)) {
      String document = one.path().toString();
      switch (Documents.load(one.path(), httpToLoopback, DocumentGate.OPEN)) {
        case LoadResult.Rejected rejected -> {
          CheckCommand.complain(console, document, rejected.problems());
          input = Files.isReadable(one.path()) ? ExitCode.DATA : ExitCode.NO_INPUT;
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
    if (given.hasMatchedOption(JUNIT)) {
      junit(reports, Paths.of(given.matchedOptionValue(JUNIT, ""), JUNIT));
    }
    if (given.hasMatchedOption(JSON)) {
      console.print(CaseJson.of(reports, coverage));
      return;
    }
    CaseText text = new CaseText(console.isColoured());
    reports.forEach(report -> console.print(text.of(report)));
    console.print(text.summary(reports, coverage));
  }

  private static void junit(List<CaseReport> reports, Path file) throws Failure {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      JUnitReport.write(reports, bytes);
      Files.write(file, bytes.toByteArray());
    } catch (IOException | XMLStreamException failed) {
      throw new Failure(ExitCode.IO, JUNIT + " cannot be written");
    }
  }
}
