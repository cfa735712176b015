package dev.tokenbroker.command;

import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.v1.EntryDiff;
import dev.tokenbroker.v1.RevisionDiff;
import dev.tokenbroker.v1.ValueDiff;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The differences between two revisions as a tree for a person. */
final class RevisionDiffText {

  /** Without two levels of the tree, an indent and the sign. */
  private static final int VALUE_WIDTH = Paragraph.COLUMNS - 2 * Paragraph.LEVEL - 4;

  /** Two blanks and the parentheses. */
  private static final int PLACE_MARKS = 4;

  private static final String ARROW = " -> ";

  private final Tree tree;

  RevisionDiffText(boolean coloured) {
    this.tree = new Tree(coloured);
  }

  /** The tree; each line ends with a line break. */
  String of(RevisionDiff diff) {
    int count = diff.getEntriesCount();
    String differ =
        switch (count) {
          case 0 -> "no entry differs";
          case 1 -> "1 entry differs";
          default -> count + " entries differ";
        };
    StringBuilder text = new StringBuilder();
    text.append(VerdictTree.shortened(diff.getFrom()))
        .append(ARROW)
        .append(VerdictTree.shortened(diff.getTo()))
        .append(": ")
        .append(differ)
        .append('\n');
    Tree.draw(diff.getEntriesList().stream().map(this::entry).toList(), "", text);
    return text.toString();
  }

  private Tree.Branch entry(EntryDiff entry) {
    String what =
        Evidence.clean(entry.getSection())
            + " "
            + Evidence.clean(entry.getName())
            + " "
            + Evidence.clean(entry.getChange());
    String headline =
        switch (entry.getChange()) {
          case "added" -> tree.paint(Tree.GREEN, "+ " + what);
          case "removed" -> tree.paint(Tree.RED, "- " + what);
          default -> "~ " + what; // also a change that a newer broker names
        };
    String places =
        Stream.of(entry.getFromPlace(), entry.getToPlace())
            .filter(place -> !place.isEmpty())
            .map(Evidence::clean)
            .distinct()
            .collect(Collectors.joining(ARROW));
    return new Tree.Branch(
        headline + place(places), entry.getValuesList().stream().map(this::value).toList());
  }

  /** The path of a value, and below it the earlier and the later value, each with a sign. */
  private Tree.Branch value(ValueDiff value) {
    List<String> lines = new ArrayList<>();
    lines.add(Evidence.clean(value.getPath()));
    add(lines, Tree.RED, "- ", value.getFrom(), value.getFromPlace());
    add(lines, Tree.GREEN, "+ ", value.getTo(), value.getToPlace());
    return Tree.Branch.leaf(String.join("\n", lines));
  }

  private void add(List<String> lines, String colour, String sign, String value, String where) {
    if (value.isEmpty() && where.isEmpty()) {
      return;
    }
    List<String> broken = Paragraph.lines(value, VALUE_WIDTH);
    String start = sign;
    for (String line : broken) {
      lines.add("  " + tree.paint(colour, start + line));
      start = "  ";
    }
    String place = place(Evidence.clean(where));
    if (broken.getLast().length() + where.length() + PLACE_MARKS <= VALUE_WIDTH) {
      lines.set(lines.size() - 1, lines.getLast() + place);
    } else {
      lines.add("  " + place);
    }
  }

  private String place(String place) {
    return place.isEmpty() ? "" : "  " + tree.paint(Tree.FAINT, "(" + place + ")");
  }
}
