package dev.tokenbroker.command;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.operate.lint.Lint;
import dev.tokenbroker.operate.lint.Warning;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Shows the warnings of the lint.
 *
 * @param fail whether a warning counts as an error
 */
record Warnings(Terminal console, boolean fail) {

  private static final String FAIL_ON = "--fail-on";
  private static final String ERROR = "error";
  private static final String WARNING = "warning";

  static OptionSpec option() {
    return Commands.option(
        FAIL_ON,
        "LEVEL",
        "End with 1 on each error and warning (warning), or on errors only (error, the default).");
  }

  static Warnings of(ParseResult given, Terminal console) throws Failure {
    String level = given.matchedOptionValue(FAIL_ON, ERROR);
    if (!List.of(ERROR, WARNING).contains(level)) {
      throw new Failure(ExitCode.USAGE, FAIL_ON + " must be error or warning");
    }
    return new Warnings(console, level.equals(WARNING));
  }

  /** Writes the warnings about a document; false if any counts as an error. */
  boolean show(String document, Loaded loaded) {
    return show(document, Lint.of(loaded));
  }

  /** Writes these warnings about a document; false if any counts as an error. */
  boolean show(String document, List<Warning> warnings) {
    for (Warning warning : warnings) {
      String file = CheckCommand.openable(document, warning.place().file());
      console.complain(warning.in(file).toString());
    }
    return !fail || warnings.isEmpty();
  }
}
