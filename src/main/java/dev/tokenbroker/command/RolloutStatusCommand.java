package dev.tokenbroker.command;

import dev.tokenbroker.v1.Rollout;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code rollout status}: shows the revision in force, the candidate's and the kept ones. */
final class RolloutStatusCommand implements Command {

  static final String JSON = "--json";

  private final Console console;

  RolloutStatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "status",
            "Shows the revision in force, the candidate's, and those that the broker keeps. Needs a token"
                + " with the scope operate.");
    spec.addOption(Commands.flag(JSON, "Show them as JSON."));
    return BrokerOptions.addTo(spec);
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    BrokerOptions.checkUsage(given);
    try (BrokerCalls calls = BrokerOptions.open(given, console)) {
      BrokerOperations broker = new BrokerOperations(calls);
      show(console, given, "rollout", broker.rollout());
      return ExitCode.OK;
    }
  }

  /** Shows the revisions as the options say. */
  static void show(Console console, ParseResult given, String headline, Rollout rollout) {
    console.print(
        given.hasMatchedOption(JSON)
            ? RolloutJson.of(rollout)
            : new RolloutText(console.isColoured()).of(headline, rollout));
  }
}
