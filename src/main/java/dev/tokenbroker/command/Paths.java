package dev.tokenbroker.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.ParseResult;

/** Reads paths from options, and writes files to them. */
final class Paths {

  private Paths() {}

  /** The same text, if it is a path; nothing is read. */
  static String checked(String text, String option) throws Failure {
    Path _ = of(text, option);
    return text;
  }

  /** Writes a text to the file of the option, if given. */
  static void write(ParseResult given, String option, Supplier<String> text) throws Failure {
    if (!given.hasMatchedOption(option)) {
      return;
    }
    try {
      Files.writeString(Path.of(given.matchedOptionValue(option, "")), text.get());
    } catch (IOException failed) {
      throw new Failure(ExitCode.IO, option + " cannot be written");
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
