package dev.tokenbroker.command;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.operate.lint.Lint;
import dev.tokenbroker.operate.lint.Warning;
import java.util.List;
import java.util.function.UnaryOperator;
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
    return show(
        Lint.of(loaded), file -> CheckCommand.openable(document, file));
  }

  /**
   * As {@link #show(String, Loaded)}, for the entries of one of its files.
   *
   * @param name the name of the file
   * @param path where it is now
   */
  boolean show(String name, String path, Loaded loaded) {
    List<Warning> own =
        Lint.of(loaded).stream()
            .filter(warning -> warning.place().file().equals(name))
            .toList();
    return show(own, _ -> path);
  }

  private boolean show(List<Warning> warnings, UnaryOperator<String> path) {
    for (Warning warning : warnings) {
      console.complain(warning.in(path.apply(warning.place().file())).toString());
    }
    return !fail || warnings.isEmpty();
  }
}
