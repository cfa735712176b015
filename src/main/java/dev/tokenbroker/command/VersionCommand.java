package dev.tokenbroker.command;

import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code version}: says which build this is. */
final class VersionCommand implements Command {

  // A native executable has no manifest, but its build has one and reads this field from it.
  private static final String VERSION =
      Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
          .orElse("(not packaged)");

  private final Console console;

  VersionCommand(Console console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
        CommandSpec.wrapWithoutInspection(this), "version", "Says which version this is.");
  }

  @Override
  public ExitCode run(ParseResult given) {
    console.printLine(Commands.NAME + " " + VERSION);
    return ExitCode.OK;
  }
}
