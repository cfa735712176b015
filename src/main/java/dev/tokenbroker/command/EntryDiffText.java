package dev.tokenbroker.command;

import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.reports.EntryDiff;
import dev.tokenbroker.reports.ValueDiff;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The entries that differ between two documents, as a tree for a person. */
final class EntryDiffText {

  /** Without three levels of the tree, an indent and the sign. */
  private static final int VALUE_WIDTH = Paragraph.COLUMNS - 3 * Paragraph.LEVEL - 4;

  /** Two blanks and the parentheses. */
  private static final int PLACE_MARKS = 4;

  private static final String ARROW = " -> ";

  private final Tree tree;

  EntryDiffText(Tree tree) {
    this.tree = tree;
  }

  /** One branch with all entries; none if no entry differs. */
  List<Tree.Branch> of(List<EntryDiff> entries) {
    return entries.isEmpty()
        ? List.of()
        : List.of(
            new Tree.Branch(
                entries.size() == 1 ? "1 entry differs" : entries.size() + " entries differ",
                entries.stream().map(this::entry).toList()));
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
