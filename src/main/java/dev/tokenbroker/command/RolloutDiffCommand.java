package dev.tokenbroker.command;

import dev.tokenbroker.v1.RevisionDiff;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code rollout diff}: compares two revisions entry by entry. As {@code diff} does, it ends with 1
 * if they differ.
 */
final class RolloutDiffCommand implements Command {

  private static final String JSON = "--json";
  private static final String FROM = "--from";
  private static final String TO = "--to";

  private final Console console;

  RolloutDiffCommand(Console console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "diff",
            "Compares two revisions entry by entry. Ends with 0 if no entry differs and with 1 otherwise."
                + " Needs a token with the scope operate.");
    spec.addOption(
            Commands.option(FROM, "REVISION", "A kept revision; the default is the one in force."))
        .addOption(
            Commands.option(
                TO,
                "REVISION",
                "A kept revision or the candidate's; the default is the candidate's."))
        .addOption(Commands.flag(JSON, "Show the differences as JSON."));
    return BrokerOptions.addTo(spec);
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    for (String option : List.of(FROM, TO)) {
      if (given.hasMatchedOption(option)) {
        RevisionArgument.check(given.matchedOptionValue(option, ""), option);
      }
    }
    BrokerOptions.checkUsage(given);
    try (BrokerCalls calls = BrokerOptions.open(given, console)) {
      BrokerOperations broker = new BrokerOperations(calls);
      RevisionDiff diff =
          broker.diff(given.matchedOptionValue(FROM, ""), given.matchedOptionValue(TO, ""));
      console.print(
          given.hasMatchedOption(JSON)
              ? RolloutJson.of(diff)
              : new RevisionDiffText(console.isColoured()).of(diff));
      return diff.getEntriesCount() == 0 ? ExitCode.OK : ExitCode.REFUSED;
    }
  }
}
