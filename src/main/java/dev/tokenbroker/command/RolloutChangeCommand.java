package dev.tokenbroker.command;

import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.v1.Rollout;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code rollout promote} and {@code rollout rollback}: put another revision in force. */
final class RolloutChangeCommand implements Command {

  private static final String REVISION = "REVISION";
  private static final String REASON = "--reason";

  private final Console console;
  private final RolloutChange change;

  RolloutChangeCommand(Console console, RolloutChange change) {
    this.console = console;
    this.change = change;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            change.command(),
            change.description() + " Needs a token with the scope rollout.");
    spec.addPositional(
            PositionalParamSpec.builder()
                .index("0")
                .arity("1")
                .required(true)
                .type(String.class)
                .paramLabel(REVISION)
                .description(change.argument())
                .build())
        .addOption(
            Commands.option(
                REASON, "TEXT", "Why, for the audit log of the broker; at most 256 characters."))
        .addOption(Commands.flag(RolloutStatusCommand.JSON, "Show the revisions as JSON."));
    return BrokerOptions.addTo(spec);
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    String revision = given.matchedPositionalValue(0, "");
    String reason = given.matchedOptionValue(REASON, "");
    RevisionArgument.check(revision, REVISION);
    checkReason(reason);
    BrokerOptions.checkUsage(given);
    try (BrokerCalls calls = BrokerOptions.open(given, console)) {
      BrokerOperations broker = new BrokerOperations(calls);
      Rollout rollout =
          switch (change) {
            case PROMOTE -> broker.promote(revision, reason);
            case ROLLBACK -> broker.rollBack(revision, reason);
          };
      RolloutStatusCommand.show(console, given, change.done(), rollout);
      return ExitCode.OK;
    }
  }

  private static void checkReason(String reason) throws Failure {
    if (reason.isBlank()) {
      throw new Failure(ExitCode.USAGE, REASON + " is missing");
    }
    if (reason.length() > Refusal.MAX_EVIDENCE_CHARS) {
      throw new Failure(ExitCode.USAGE, REASON + " is longer than 256 characters");
    }
  }
}
