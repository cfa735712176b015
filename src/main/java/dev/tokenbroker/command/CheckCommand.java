package dev.tokenbroker.command;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.ProposedFile;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.issuer.NoKeys;
import dev.tokenbroker.operate.cases.CasesGate;
import dev.tokenbroker.operate.lint.Lint;
import dev.tokenbroker.operate.lint.Warning;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.store.StoreSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code check}: reports all problems of federation documents, as the broker would. */
final class CheckCommand implements Command {

  private static final String DOCUMENT = "FEDERATION";
  private static final String OWNER = "--owner";
  private static final String ROOT = "--root";

  private final Terminal console;

  CheckCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "check",
            "Checks federation documents as the broker does when it loads them, and tells all that is wrong"
                + " as FILE:LINE: PROBLEM. REMEDY. Warns of rules that are dangerous or dead. Fetches nothing.")
        .addOption(Warnings.option())
        .addOption(
            Commands.path(
                OWNER,
                "FILE",
                "Judge this file of a team in place of the one of its name in FEDERATION: a directory, or its root"
                    + " document alone. Tells the problems that it causes, and what it may write."))
        .addOption(
            Commands.path(
                ROOT,
                "FILE",
                "The root document of the directory FEDERATION. The default is token-broker.federation.root."))
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
    Warnings warnings = Warnings.of(given, console);
    List<String> documents = given.matchedPositionalValue(0, List.of());
    for (String document : documents) {
      String _ = Paths.checked(document, DOCUMENT);
    }
    FederationLoader loader = loader(CommandSettings.load(), given);
    if (given.hasMatchedOption(OWNER)) {
      if (documents.size() != 1) {
        throw new Failure(ExitCode.USAGE, OWNER + " needs one " + DOCUMENT);
      }
      return propose(documents.getFirst(), given.matchedOptionValue(OWNER, ""), loader, warnings);
    }
    boolean good = true;
    for (String document : documents) {
      good &= check(document, loader, warnings);
    }
    return good ? ExitCode.OK : ExitCode.REFUSED;
  }

  /** Reads documents as a broker with these settings does. */
  private static FederationLoader loader(CommandSettings settings, ParseResult given) {
    Surroundings surroundings =
        Surroundings.of(
                settings.of(PeerSettings.class),
                settings.of(StoreSettings.class),
                settings.of(TokenSettings.class),
                null)
            .withRoot(
                given.hasMatchedOption(ROOT)
                    ? Path.of(given.matchedOptionValue(ROOT, ""))
                    : settings.surroundings().root());
    Clock clock = Clock.systemUTC();
    return new FederationLoader(_ -> NoKeys.NONE, null, new CasesGate(clock), clock, surroundings);
  }

  private boolean check(String document, FederationLoader loader, Warnings warnings) {
    return switch (loader.load(Path.of(document))) {
      case LoadResult.Rejected rejected -> {
        complain(console, document, rejected.problems());
        yield false;
      }
      case LoadResult.Loaded loaded -> {
        Federation federation = loaded.federation();
        console.printLine(
            "%s: good: revision %s, %d issuers, %d upstreams, %d targets, %d rules"
                .formatted(
                    document,
                    Federation.shortened(federation.revision()),
                    federation.issuers().all().size(),
                    loaded.definitions().size(),
                    federation.declaredTargets(),
                    federation.policy().rules().size()));
        yield warnings.show(document, loaded);
      }
    };
  }

  private ExitCode propose(
      String document, String file, FederationLoader loader, Warnings warnings) {
    Path path = Path.of(document);
    ProposedFile proposed = loader.propose(path, Path.of(file));
    for (Problem problem : proposed.problems()) {
      complain(console, problem.file().equals(proposed.name()) ? file : document, List.of(problem));
    }
    if (!Files.isDirectory(path)) {
      console.complain(
          file, "judged beside the root document alone, without cases, warnings and other files");
    } else if (proposed.others() > 0) {
      console.complain(
          file, proposed.others() + " problems in other files hold the whole document back");
    }
    if (!proposed.problems().isEmpty()) {
      return ExitCode.REFUSED;
    }
    console.printLine(
        "%s: good: it may write rules for %s, and declare %s"
            .formatted(file, listed(proposed.targets()), listed(proposed.declares())));
    List<Warning> own =
        proposed.loaded() == null
            ? List.of()
            : Lint.of(proposed.loaded()).stream()
                .filter(warning -> warning.place().file().equals(proposed.name()))
                .toList();
    return warnings.show(file, own) ? ExitCode.OK : ExitCode.REFUSED;
  }

  private static String listed(List<String> names) {
    return names.isEmpty() ? "nothing" : String.join(", ", names);
  }

  /** Writes the problems of a document, each with a path that can be opened. */
  static void complain(Terminal console, String document, List<Problem> problems) {
    for (Problem problem : problems) {
      console.complain(
          new Problem(
                  openable(document, problem.file()),
                  problem.line(),
                  problem.message(),
                  problem.remedy())
              .toString());
    }
  }

  /** The path of a file that the document consists of, or names. */
  static String openable(String document, String file) {
    Path path = Path.of(document);
    if (file.isEmpty() || path.endsWith(file)) {
      return document;
    }
    return Files.isDirectory(path)
        ? path.resolve(file).toString()
        : path.resolveSibling(file).toString();
  }
}
