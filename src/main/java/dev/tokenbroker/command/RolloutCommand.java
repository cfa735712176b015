package dev.tokenbroker.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code rollout}: shows, compares and changes the revisions of a running broker, each by a command
 * of its own below this one.
 */
final class RolloutCommand implements Command {

  private final List<Command> actions;

  RolloutCommand(Console console) {
    this.actions =
        List.of(
            new RolloutStatusCommand(console),
            new RolloutDiffCommand(console),
            new RolloutChangeCommand(console, RolloutChange.PROMOTE),
            new RolloutChangeCommand(console, RolloutChange.ROLLBACK));
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "rollout",
            "Shows, compares and changes the federation revisions of a running broker.");
    for (Command action : actions) {
      CommandSpec below = action.spec();
      spec.addSubcommand(below.name(), below);
    }
    return spec;
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    throw new Failure(ExitCode.USAGE, "give status, diff, promote or rollback");
  }
}
