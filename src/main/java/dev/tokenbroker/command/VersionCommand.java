package dev.tokenbroker.command;

import dev.tokenbroker.edges.edge.BrokerBuild;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code version}: says which build this is. */
final class VersionCommand implements Command {

  private final Terminal console;

  VersionCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
        CommandSpec.wrapWithoutInspection(this), "version", "Says which version this is.");
  }

  @Override
  public ExitCode run(ParseResult given) {
    console.printLine(Commands.NAME + " " + BrokerBuild.VERSION);
    return ExitCode.OK;
  }
}
