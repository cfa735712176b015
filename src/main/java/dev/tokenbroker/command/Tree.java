package dev.tokenbroker.command;

import java.util.Iterator;
import java.util.List;

/** Draws a tree for a person at a terminal, with colours where it has them. */
record Tree(boolean coloured) {

  static final String GREEN = "\u001B[32m";
  static final String RED = "\u001B[31m";
  static final String YELLOW = "\u001B[33m";
  static final String FAINT = "\u001B[2m";

  private static final String PLAIN = "\u001B[0m";

  /**
   * A line of the tree, and the branches below it.
   *
   * @param text with line breaks if it takes several lines
   */
  record Branch(String text, List<Branch> below) {
    static Branch leaf(String text) {
      return new Branch(text, List.of());
    }
  }

  /** Appends these branches; each line ends with a line break. */
  static void draw(List<Branch> branches, String indent, StringBuilder text) {
    for (Iterator<Branch> left = branches.iterator(); left.hasNext(); ) {
      Branch branch = left.next();
      boolean last = !left.hasNext();
      String deeper = indent + (last ? "   " : "│  ");
      text.append(indent)
          .append(last ? "└─ " : "├─ ")
          .append(branch.text().replace("\n", "\n" + deeper))
          .append('\n');
      draw(branch.below(), deeper, text);
    }
  }

  /** A problem below the heading of all problems. */
  Branch problem(String problem) {
    return marked(RED, "✗", problem);
  }

  /** A marked line on the second level; the text is cleaned. */
  Branch marked(String colour, String mark, String text) {
    String plain = Paragraph.of(mark + " ", text, 2);
    return Branch.leaf(paint(colour, mark) + plain.substring(mark.length()));
  }

  String paint(String colour, String text) {
    return coloured ? colour + text + PLAIN : text;
  }
}
