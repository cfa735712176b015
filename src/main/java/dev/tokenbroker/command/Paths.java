package dev.tokenbroker.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ParseResult;

/** Reads paths from options. */
final class Paths {

  private Paths() {}

  /** Checks the path of the option, if given, without reading it; a dash is a path, too. */
  static void check(ParseResult given, String option) throws Failure {
    if (given.hasMatchedOption(option)) {
      var _ = of(given.matchedOptionValue(option, ""), option);
    }
  }

  /** The path; text that is no path is wrong usage of that option. */
  static Path of(String text, String option) throws Failure {
    try {
      return Path.of(text);
    } catch (InvalidPathException noPath) {
      throw new Failure(ExitCode.USAGE, option + " is no path");
    }
  }
}
