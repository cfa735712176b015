package dev.tokenbroker.base.yaml;

import dev.tokenbroker.base.refusal.Evidence;
import java.util.Comparator;

/**
 * One problem of the federation document.
 *
 * @param file the name of the file, without the directory of the document
 * @param line the line in it, from 1; 0 where the problem is the file itself
 * @param message what is wrong
 * @param remedy what to do, in one sentence
 */
public record Problem(String file, int line, String message, String remedy)
    implements Comparable<Problem> {

  private static final Comparator<Problem> ORDER =
      Comparator.comparing(Problem::file)
          .thenComparingInt(Problem::line)
          .thenComparing(Problem::message)
          .thenComparing(Problem::remedy);

  @Override
  public int compareTo(Problem other) {
    return ORDER.compare(this, other);
  }

  /**
   * The form in the log: {@code file:line: message. Remedy}. The name of a file may contain
   * anything but a slash, so it is escaped. It is not cut.
   */
  @Override
  public String toString() {
    return Evidence.escaped(file) + (line > 0 ? ":" + line : "") + ": " + message + ". " + remedy;
  }
}
