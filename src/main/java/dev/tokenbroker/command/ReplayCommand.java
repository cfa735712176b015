package dev.tokenbroker.command;

import dev.tokenbroker.command.report.JUnitPrinter;
import dev.tokenbroker.command.report.JsonPrinter;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.UnconnectedLoader;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.recording.Recording;
import dev.tokenbroker.operate.recording.Recording.UnfitRecordingException;
import dev.tokenbroker.operate.recording.Replay;
import dev.tokenbroker.operate.recording.ReplayReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code replay}: judges the requests of a recording by a candidate document, and shows what would
 * change. Needs no network and issues nothing.
 */
final class ReplayCommand implements Command {

  private static final String RECORDING = "--recording";
  private static final String CANDIDATE = "--candidate";
  private static final String CURRENT = "--current";
  private static final String ALLOW = "--allow";
  private static final String JUNIT = "--junit";
  private static final String JSON = "--json";

  private final Terminal console;

  ReplayCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "replay",
            "Judges the requests that a broker recorded by another federation document, and shows what would"
                + " change. Fetches nothing and issues nothing. Ends with 1 on a change that --allow does not name.")
        .addOption(
            Commands.path(
                RECORDING,
                "FILE",
                "What GET /recording of a broker returned, or its file at token-broker.recording.path."))
        .addOption(Commands.path(CANDIDATE, "FILE", "The document to try: a file or a directory."))
        .addOption(
            Commands.path(
                CURRENT,
                "FILE",
                "The document in force. Only with it can subject, scopes and claims be compared."))
        .addOption(
            OptionSpec.builder(ALLOW)
                .arity("1")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .splitRegex(",")
                .paramLabel("CHANGE")
                .description(
                    "A change that is intended: "
                        + Stream.of(CandidateEffect.values())
                            .filter(change -> change != CandidateEffect.UNCHANGED)
                            .map(CandidateEffect::label)
                            .collect(Collectors.joining(", "))
                        + "; may be repeated.")
                .build())
        .addOption(
            Commands.path(JUNIT, "FILE", "Write the result to this file, too, as JUnit XML."))
        .addOption(Commands.flag(JSON, "Print the result as JSON."));
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    for (String needed : List.of(RECORDING, CANDIDATE)) {
      if (!given.hasMatchedOption(needed)) {
        throw new Failure(ExitCode.USAGE, needed + " is missing");
      }
    }
    Set<CandidateEffect> allowed = allowed(given.matchedOptionValue(ALLOW, List.of()));
    UnconnectedLoader loader =
        new UnconnectedLoader(CommandSettings.load().surroundings(), Clock.systemUTC());
    Optional<Federation> candidate = federation(given, CANDIDATE, loader);
    Optional<Federation> current =
        given.hasMatchedOption(CURRENT) ? federation(given, CURRENT, loader) : Optional.empty();
    if (candidate.isEmpty() || (given.hasMatchedOption(CURRENT) && current.isEmpty())) {
      return ExitCode.DATA;
    }
    Recording recording = recording(Path.of(given.matchedOptionValue(RECORDING, "")));
    ReplayReport report =
        ReplayReport.of(recording, new Replay(candidate.get(), current.orElse(null)));
    ReplayOutput output = new ReplayOutput(recording, report, allowed);
    Paths.write(
        given,
        JUNIT,
        () -> JUnitPrinter.print(List.of(output.tests(given.matchedOptionValue(RECORDING, "")))));
    console.print(given.hasMatchedOption(JSON) ? JsonPrinter.print(output.json()) : output.text());
    boolean good =
        Stream.of(CandidateEffect.values())
            .allMatch(change -> allowed.contains(change) || report.results(change).isEmpty());
    return good ? ExitCode.OK : ExitCode.REFUSED;
  }

  private static Set<CandidateEffect> allowed(List<String> names) throws Failure {
    Set<CandidateEffect> allowed = EnumSet.of(CandidateEffect.UNCHANGED);
    for (String name : names) {
      allowed.add(
          Stream.of(CandidateEffect.values())
              .filter(change -> change.label().equals(name))
              .findFirst()
              .orElseThrow(() -> new Failure(ExitCode.USAGE, ALLOW + " names no change")));
    }
    return allowed;
  }

  private Optional<Federation> federation(
      ParseResult given, String option, UnconnectedLoader loader) {
    String document = given.matchedOptionValue(option, "");
    return switch (loader.load(Path.of(document), DocumentGate.OPEN)) {
      case LoadResult.Loaded loaded -> Optional.of(loaded.federation());
      case LoadResult.Rejected rejected -> {
        CheckCommand.complain(console, document, rejected.problems());
        yield Optional.empty();
      }
    };
  }

  private static Recording recording(Path file) throws Failure {
    if (!Files.isReadable(file)) {
      throw new Failure(ExitCode.NO_INPUT, "the recording cannot be read: " + file);
    }
    try {
      return Recording.read(file);
    } catch (UnfitRecordingException unfit) {
      throw new Failure(ExitCode.DATA, file + ": " + unfit.getMessage());
    } catch (IOException broken) {
      throw new Failure(ExitCode.NO_INPUT, "the recording cannot be read: " + file);
    }
  }
}
