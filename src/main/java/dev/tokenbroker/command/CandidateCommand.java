package dev.tokenbroker.command;

import dev.tokenbroker.v1.Candidate;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code candidate}: shows the candidate of a running broker, and what it would change. */
final class CandidateCommand implements Command {

  private static final String JSON = "--json";

  private final Console console;

  CandidateCommand(Console console) {
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
    try (BrokerCalls calls = BrokerOptions.open(given, console)) {
      BrokerOperations broker = new BrokerOperations(calls);
      Candidate candidate = broker.candidate();
      console.print(
          given.hasMatchedOption(JSON)
              ? CandidateJson.of(candidate)
              : new CandidateText(console.isColoured()).of(candidate));
      return ExitCode.OK;
    }
  }
}
