package dev.tokenbroker.command;

import dev.tokenbroker.command.report.JsonPrinter;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code candidate}: shows the candidate of a running broker, and what it would change. */
final class CandidateCommand implements Command {

  private static final String JSON = "--json";

  private final Terminal console;

  CandidateCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "candidate",
            "Shows the candidate of a running broker: its problems, warnings and cases, and the exchanges"
                + " that it would decide otherwise. Needs a token with the scope operate.");
    spec.addOption(Commands.flag(JSON, "Show the candidate as JSON, with all differences."));
    return BrokerOptions.addTo(spec);
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    BrokerOptions.checkUsage(given);
    try (RunningBroker broker = BrokerOptions.open(given, console)) {
      JsonObject answer = broker.get("/candidate");
      String tree;
      try {
        tree = CandidateTree.of(answer);
      } catch (ClassCastException | IllegalArgumentException | DateTimeException other) {
        // A response that is no report, or that has an impossible value, is no broker's.
        throw broker.noBroker();
      }
      console.print(given.hasMatchedOption(JSON) ? JsonPrinter.print(answer) : tree);
      return ExitCode.OK;
    }
  }
}
