package dev.tokenbroker.command;

import dev.tokenbroker.federation.FederationCheck;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.outbound.UpstreamSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code check}: reports all problems of federation documents, as the broker would. */
final class CheckCommand implements Command {

  private static final String DOCUMENT = "FEDERATION";

  private final Console console;

  CheckCommand(Console console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "check",
            "Checks federation documents as the broker does when it loads them, and tells all that is wrong"
                + " as FILE:LINE: PROBLEM. REMEDY. Fetches nothing.")
        .addPositional(
            PositionalParamSpec.builder()
                .index("0..*")
                .arity("1..*")
                .required(true)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(DOCUMENT)
                .description(
                    "A YAML file, or a directory whose *.yaml and *.yml files are one document.")
                .build());
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    List<String> documents = given.matchedPositionalValue(0, List.of());
    for (String document : documents) {
      var _ = Paths.of(document, DOCUMENT);
    }
    boolean httpToLoopback =
        CommandSettings.load().of(UpstreamSettings.class).allowHttpToLoopback();
    boolean good = true;
    for (String document : documents) {
      good &= check(document, httpToLoopback);
    }
    return good ? ExitCode.OK : ExitCode.REFUSED;
  }

  private boolean check(String document, boolean httpToLoopback) {
    FederationCheck check = FederationCheck.of(Path.of(document), httpToLoopback);
    complain(console, document, check.problems());
    if (!check.problems().isEmpty()) {
      return false;
    }
    console.printLine(
        "%s: good: revision %s, %d issuers, %d upstreams, %d targets, %d rules"
            .formatted(
                document,
                check.revision().substring(0, 12),
                check.issuers(),
                check.upstreams(),
                check.targets(),
                check.rules()));
    return true;
  }

  /** Writes the problems of a document, each with a path that can be opened. */
  static void complain(Console console, String document, List<Problem> problems) {
    Path path = Path.of(document);
    boolean directory = Files.isDirectory(path);
    for (Problem problem : problems) {
      boolean inside = directory && !problem.file().isEmpty() && !path.endsWith(problem.file());
      String file = inside ? path.resolve(problem.file()).toString() : document;
      console.complain(
          new Problem(file, problem.line(), problem.message(), problem.remedy()).toString());
    }
  }
}
