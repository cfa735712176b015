package dev.tokenbroker.command;

import dev.tokenbroker.base.yaml.Durations;
import dev.tokenbroker.command.report.JsonPrinter;
import dev.tokenbroker.edges.edge.VerdictJson;
import dev.tokenbroker.edges.edge.VerdictMessages;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code explain}: judges a credential by a local federation document, or asks a running broker to
 * judge it, and shows the verdict. Nothing is issued either way.
 */
final class ExplainCommand implements Command {

  private static final String FEDERATION = "--federation";
  private static final String BROKER = BrokerOptions.BROKER;
  private static final String AUTHORIZATION = BrokerOptions.AUTHORIZATION;
  private static final String WITH_CANDIDATE = "--with-candidate";
  private static final String CREDENTIAL = "--credential";
  private static final String AUDIENCE = "--audience";
  private static final String SCOPE = "--scope";
  private static final String LIFETIME = "--lifetime";
  private static final String TYPE = "--type";
  private static final String CLIENT = "--client";
  private static final String JSON = "--json";
  private static final String TREE = "--tree";
  private static final String EDGE = "command";

  private final Terminal console;

  ExplainCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "explain",
            "Judges a credential step by step and issues nothing. Judges it here by a federation document,"
                + " with the broker's own code and the issuers' keys, or has a running broker judge it.");
    spec.addOption(
        Commands.path(FEDERATION, "FILE", "Judge by this document: a file or a directory."));
    BrokerOptions.addTo(
        spec,
        "Have this broker judge: its gRPC address, such as localhost:9000.",
        Address.GRPC_PORT,
        "An operator's token for that broker, which then shows the whole verdict; - for standard input.");
    spec.addOption(
        Commands.flag(
            WITH_CANDIDATE, "Also show the verdict of that broker's candidate, to an operator."));
    request(spec);
    spec.addOption(
        Commands.flag(
            JSON, "Show the verdict as JSON; the default unless the output is a terminal."));
    return spec.addOption(
        Commands.flag(TREE, "Show the verdict as a tree; the default on a terminal."));
  }

  private static void request(CommandSpec spec) {
    spec.addOption(
            Commands.path(
                CREDENTIAL,
                "FILE",
                "The file that holds the credential; - for standard input. It is never shown."))
        .addOption(Commands.option(AUDIENCE, "NAME", "The target of the token."))
        .addOption(
            OptionSpec.builder(SCOPE)
                .arity("1")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel("SCOPE")
                .description(
                    "A requested scope; may be repeated. The default is all scopes that the rule grants.")
                .build())
        .addOption(
            Commands.option(
                LIFETIME,
                "TIME",
                "The requested lifetime, such as 5m.",
                Duration.class,
                ExplainCommand::lifetime))
        .addOption(
            Commands.option(TYPE, "URN", "The type of the credential; the default is a JWT."))
        .addOption(
            Commands.option(
                CLIENT,
                "NAME",
                "Judge as if this registered client had proved itself. A broker does so for an operator."));
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    checkUsage(given);
    String credential =
        BoundedInput.text(given.matchedOptionValue(CREDENTIAL, ""), "the credential", console.in());
    ExchangeRequest request = request(given, credential);
    Optional<Verdict> verdict =
        given.hasMatchedOption(BROKER)
            ? Optional.of(online(given, request))
            : offline(given, request);
    if (verdict.isEmpty()) {
      Path document = Path.of(given.matchedOptionValue(FEDERATION, ""));
      return Files.isReadable(document) ? ExitCode.DATA : ExitCode.NO_INPUT;
    }
    boolean tree = given.hasMatchedOption(TREE) || console.isTerminal();
    console.print(
        tree && !given.hasMatchedOption(JSON)
            ? VerdictTree.of(verdict.get())
            : JsonPrinter.print(VerdictJson.of(verdict.get())));
    return verdict.get().getOutcome() == Outcome.OUTCOME_ACCEPTED ? ExitCode.OK : ExitCode.REFUSED;
  }

  /**
   * Checks the usage before any file or input is read: a wrong command line has no other effect.
   */
  private static void checkUsage(ParseResult given) throws Failure {
    boolean online = given.hasMatchedOption(BROKER);
    if (online == given.hasMatchedOption(FEDERATION)) {
      throw wrong("give either " + FEDERATION + " or " + BROKER);
    }
    for (String needed : List.of(CREDENTIAL, AUDIENCE)) {
      if (!given.hasMatchedOption(needed)) {
        throw wrong(needed + " is missing");
      }
    }
    if (given.hasMatchedOption(JSON) && given.hasMatchedOption(TREE)) {
      throw wrong("give either " + JSON + " or " + TREE);
    }
    Optional<String> unused =
        given.hasMatchedOption(WITH_CANDIDATE)
            ? Optional.of(WITH_CANDIDATE)
            : BrokerOptions.anyOf(given);
    if (!online && unused.isPresent()) {
      throw wrong(unused.get() + " is for " + BROKER + " only");
    }
    if (online) {
      BrokerOptions.checkUsage(given);
    }
    if (given.matchedOptionValue(CREDENTIAL, "").equals("-")
        && given.matchedOptionValue(AUTHORIZATION, "").equals("-")) {
      throw wrong("only one of " + CREDENTIAL + " and " + AUTHORIZATION + " can be standard input");
    }
  }

  private static ExchangeRequest request(ParseResult given, String credential) {
    return new ExchangeRequest(
        given.matchedOptionValue(AUDIENCE, ""),
        credential,
        given.matchedOptionValue(TYPE, ""),
        given.matchedOptionValue(SCOPE, List.of()),
        given.matchedOptionValue(LIFETIME, null),
        false,
        EDGE,
        "",
        PresentedKeys.NONE,
        PresentedClient.NONE,
        List.of());
  }

  private Optional<Verdict> offline(ParseResult given, ExchangeRequest request) throws Failure {
    String document = given.matchedOptionValue(FEDERATION, "");
    try (OfflineBroker broker = new OfflineBroker(CommandSettings.load())) {
      return broker
          .explain(
              Path.of(document),
              request,
              given.hasMatchedOption(CLIENT) ? given.matchedOptionValue(CLIENT, "") : null,
              problems -> CheckCommand.complain(console, document, problems))
          .map(VerdictMessages::of);
    }
  }

  private Verdict online(ParseResult given, ExchangeRequest request) throws Failure {
    boolean withCandidate = given.hasMatchedOption(WITH_CANDIDATE);
    try (RunningBroker broker = BrokerOptions.open(given, console)) {
      Verdict verdict =
          broker.explain(request, given.matchedOptionValue(CLIENT, ""), withCandidate);
      if (withCandidate && !verdict.hasCandidate()) {
        console.complain(
            Commands.NAME,
            "the broker shows no verdict of a candidate: it has none, it did not verify the credential,"
                + " or the caller is no operator");
      }
      return verdict;
    }
  }

  private static Duration lifetime(String text) throws Failure {
    return Durations.parse(text)
        .orElseThrow(() -> wrong(LIFETIME + " must be a duration, such as 5m"));
  }

  private static Failure wrong(String what) {
    return new Failure(ExitCode.USAGE, what);
  }
}
