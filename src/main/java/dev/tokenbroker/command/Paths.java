package dev.tokenbroker.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ParseResult;

/** Paths as options give them. */
final class Paths {

  private Paths() {}

  /** Judges what the option gives, if anything, without reading it; a dash is a path, too. */
  static void check(ParseResult given, String option) throws Failure {
    if (given.hasMatchedOption(option)) {
      var _ = of(given.matchedOptionValue(option, ""), option);
    }
  }

  /** The path; what cannot be one is wrong usage of that option. */
  static Path of(String text, String option) throws Failure {
    try {
      return Path.of(text);
    } catch (InvalidPathException noPath) {
      throw new Failure(ExitCode.USAGE, option + " is no path");
    }
  }
}
