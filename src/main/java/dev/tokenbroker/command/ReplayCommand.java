package dev.tokenbroker.command;

import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.recording.RecordedRequest;
import dev.tokenbroker.operate.recording.Recording;
import dev.tokenbroker.operate.recording.Recording.UnfitRecordingException;
import dev.tokenbroker.operate.recording.Replay;
import dev.tokenbroker.operate.recording.ReplayReport;
import dev.tokenbroker.peers.http.PeerSettings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
            Commands.option(
                RECORDING,
                "FILE",
                "What GET /recording of a broker returned, or its file at token-broker.recording.path."))
        .addOption(
            Commands.option(CANDIDATE, "FILE", "The document to try: a file or a directory."))
        .addOption(
            Commands.option(
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
            Commands.option(JUNIT, "FILE", "Write the result to this file, too, as JUnit XML."))
        .addOption(Commands.flag(JSON, "Print the result as JSON."));
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    for (String needed : List.of(RECORDING, CANDIDATE)) {
      if (!given.hasMatchedOption(needed)) {
        throw new Failure(ExitCode.USAGE, needed + " is missing");
      }
    }
    for (String file : List.of(RECORDING, CANDIDATE, CURRENT, JUNIT)) {
      Paths.check(given, file);
    }
    Set<CandidateEffect> allowed = allowed(given.matchedOptionValue(ALLOW, List.of()));
    boolean httpToLoopback = CommandSettings.load().of(PeerSettings.class).allowHttpToLoopback();
    Optional<Federation> candidate = federation(given, CANDIDATE, httpToLoopback);
    Optional<Federation> current =
        given.hasMatchedOption(CURRENT)
            ? federation(given, CURRENT, httpToLoopback)
            : Optional.empty();
    if (candidate.isEmpty() || (given.hasMatchedOption(CURRENT) && current.isEmpty())) {
      return ExitCode.DATA;
    }
    Recording recording = recording(Paths.of(given.matchedOptionValue(RECORDING, ""), RECORDING));
    ReplayReport report =
        ReplayReport.of(recording, new Replay(candidate.get(), current.orElse(null)));
    if (given.hasMatchedOption(JUNIT)) {
      JUnitReport.write(
          JUnitReport.ofReplay(given.matchedOptionValue(RECORDING, ""), report, allowed),
          Paths.of(given.matchedOptionValue(JUNIT, ""), JUNIT));
    }
    show(given, recording, report, allowed);
    boolean good =
        Stream.of(CandidateEffect.values())
            .allMatch(change -> allowed.contains(change) || report.results(change).isEmpty());
    return good ? ExitCode.OK : ExitCode.REFUSED;
  }

  private void show(
      ParseResult given, Recording recording, ReplayReport report, Set<CandidateEffect> allowed) {
    if (given.hasMatchedOption(JSON)) {
      console.print(ReplayJson.of(recording, report));
      return;
    }
    console.print(new ReplayText(console.isColoured(), allowed).of(report));
    console.print(ReplayText.gaps(recording));
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

  private Optional<Federation> federation(ParseResult given, String option, boolean httpToLoopback)
      throws Failure {
    String document = given.matchedOptionValue(option, "");
    Path path = Paths.of(document, option);
    return switch (Documents.load(path, httpToLoopback, DocumentGate.OPEN)) {
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

  /** The result of a replay as JSON: the counts, and each request that is not unchanged. */
  static final class ReplayJson {

    private ReplayJson() {}

    /** One document that ends with a line break. */
    static String of(Recording recording, ReplayReport report) {
      JsonObject counts = new JsonObject();
      JsonArray changes = new JsonArray();
      for (CandidateEffect change : CandidateEffect.values()) {
        counts.put(
            change.label(),
            new JsonObject()
                .put("distinct", report.results(change).size())
                .put("requests", report.requests(change)));
        if (change != CandidateEffect.UNCHANGED) {
          report.results(change).forEach(result -> changes.add(result(result)));
        }
      }
      return new JsonObject()
              .put("not_kept", recording.notKept())
              .put("lost", recording.lost())
              .put("counts", counts)
              .put("changes", changes)
              .encodePrettily()
          + "\n";
    }

    private static JsonObject result(Replay.ReplayResult result) {
      RecordedRequest request = result.line().request();
      return new JsonObject()
          .put("change", result.change().label())
          .put("issuer", request.issuer())
          .put("target", request.target())
          .put("scopes", new JsonArray(request.scopes()))
          .put("claims", new JsonObject(request.claims()))
          .put("count", result.line().count())
          .put("before", result.before())
          .put(
              result.change() == CandidateEffect.NOT_REPLAYABLE ? "unknown" : "after",
              result.after());
    }
  }
}
