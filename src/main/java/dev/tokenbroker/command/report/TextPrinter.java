package dev.tokenbroker.command.report;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** Draws a report as a tree for a person. */
public final class TextPrinter {

  private TextPrinter() {}

  /** The node and all below it; each line ends with a line break. */
  public static String print(Node root) {
    StringBuilder text = new StringBuilder(line(root)).append('\n');
    draw(root, "", text);
    return text.toString();
  }

  private static void draw(Node node, String indent, StringBuilder text) {
    for (Iterator<Node> left = below(node).iterator(); left.hasNext(); ) {
      Node child = left.next();
      boolean last = !left.hasNext();
      String deeper = indent + (last ? "   " : "│  ");
      text.append(indent)
          .append(last ? "└─ " : "├─ ")
          .append(line(child).replace("\n", "\n" + deeper))
          .append('\n');
      draw(child, deeper, text);
    }
  }

  private static List<Node> below(Node node) {
    Stream<Node> facts =
        Stream.concat(node.causes().stream(), node.details().stream())
            .map(fact -> Node.leaf(fact.line()));
    return Stream.concat(facts, node.below().stream()).toList();
  }

  private static String line(Node node) {
    return switch (node.result()) {
      case NONE -> node.title();
      case PASSED -> Colour.GREEN.of("✓") + " " + node.title();
      case WARNING -> Colour.YELLOW.of("!") + " " + node.title();
      case FAILED -> Colour.RED.of("✗ " + node.title());
      case SKIPPED -> Colour.FAINT.of("- " + node.title());
    };
  }
}
