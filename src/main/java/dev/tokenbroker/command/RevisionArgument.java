package dev.tokenbroker.command;

import java.util.regex.Pattern;

/** Checks revisions that a person gives. */
final class RevisionArgument {

  private static final Pattern FULL = Pattern.compile("[0-9a-f]{64}");

  private RevisionArgument() {}

  /**
   * Checks that the text is a whole revision. A part of one is wrong usage, since it could name
   * another revision than the reviewed one.
   *
   * @param name the name of the option or argument
   */
  static void check(String text, String name) throws Failure {
    if (!FULL.matcher(text).matches()) {
      throw new Failure(
          ExitCode.USAGE,
          name + " must be a whole revision of 64 hexadecimal digits, as rollout status shows it");
    }
  }
}
