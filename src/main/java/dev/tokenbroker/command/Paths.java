package dev.tokenbroker.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths as options give them. */
final class Paths {

  private Paths() {}

  /** The path; what cannot be one is wrong usage of that option. */
  static Path of(String text, String option) throws Failure {
    try {
      return Path.of(text);
    } catch (InvalidPathException noPath) {
      throw new Failure(ExitCode.USAGE, option + " is no path");
    }
  }
}
