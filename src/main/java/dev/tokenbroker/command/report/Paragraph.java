package dev.tokenbroker.command.report;

import dev.tokenbroker.base.refusal.Evidence;
import java.util.ArrayList;
import java.util.List;

/** Breaks text from outside into lines, so that a tree stays within {@value #COLUMNS} columns. */
public final class Paragraph {

  public static final int COLUMNS = 100;

  /** The columns of one level of a tree. */
  public static final int LEVEL = 3;

  private Paragraph() {}

  /**
   * The label, and beside it the cleaned text in lines.
   *
   * @param label clean
   * @param level the level of the branch in its tree, from 1
   */
  public static String of(String label, String text, int level) {
    int width = COLUMNS - level * LEVEL - label.length();
    return label + String.join("\n" + " ".repeat(label.length()), lines(text, width));
  }

  /**
   * The cleaned text in lines of at most that width; at least one line. Breaks at a blank, or
   * within a word that is longer than a line.
   */
  public static List<String> lines(String text, int width) {
    String rest = Evidence.clean(text);
    List<String> lines = new ArrayList<>();
    while (rest.length() > width) {
      int blank = rest.lastIndexOf(' ', width);
      int end = blank > width / 2 ? blank : width;
      lines.add(rest.substring(0, end));
      rest = rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines;
  }
}
