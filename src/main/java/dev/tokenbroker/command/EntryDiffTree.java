package dev.tokenbroker.command;

import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.command.report.Colour;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Paragraph;
import dev.tokenbroker.reports.EntryDiff;
import dev.tokenbroker.reports.ValueDiff;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The entries that differ between two documents, as a tree for a person. */
final class EntryDiffTree {

  /** Without three levels of the tree, an indent and the sign. */
  private static final int VALUE_WIDTH = Paragraph.COLUMNS - 3 * Paragraph.LEVEL - 4;

  /** Two blanks and the parentheses. */
  private static final int PLACE_MARKS = 4;

  private static final String ARROW = " -> ";

  private EntryDiffTree() {}

  /** One branch with all entries; none if no entry differs. */
  static List<Node> of(List<EntryDiff> entries) {
    return entries.isEmpty()
        ? List.of()
        : List.of(
            Node.of(
                entries.size() == 1 ? "1 entry differs" : entries.size() + " entries differ",
                entries.stream().map(EntryDiffTree::entry).toList()));
  }

  private static Node entry(EntryDiff entry) {
    String what =
        Evidence.clean(entry.getSection())
            + " "
            + Evidence.clean(entry.getName())
            + " "
            + Evidence.clean(entry.getChange());
    String headline =
        switch (entry.getChange()) {
          case "added" -> Colour.GREEN.of("+ " + what);
          case "removed" -> Colour.RED.of("- " + what);
          default -> "~ " + what; // also a change that a newer broker names
        };
    String places =
        Stream.of(entry.getFromPlace(), entry.getToPlace())
            .filter(place -> !place.isEmpty())
            .map(Evidence::clean)
            .distinct()
            .collect(Collectors.joining(ARROW));
    return Node.of(
        headline + place(places),
        entry.getValuesList().stream().map(EntryDiffTree::value).toList());
  }

  /** The path of a value, and below it the earlier and the later value, each with a sign. */
  private static Node value(ValueDiff value) {
    return Node.leaf(
        Evidence.clean(value.getPath())
            + side(Colour.RED, "- ", value.getFrom(), value.getFromPlace())
            + side(Colour.GREEN, "+ ", value.getTo(), value.getToPlace()));
  }

  private static String side(Colour colour, String sign, String value, String where) {
    if (value.isEmpty() && where.isEmpty()) {
      return "";
    }
    List<String> lines = Paragraph.lines(value, VALUE_WIDTH);
    String text = colour.of(sign + String.join("\n  ", lines));
    boolean fits = lines.getLast().length() + where.length() + PLACE_MARKS <= VALUE_WIDTH;
    return ("\n" + text + (fits ? "" : "\n") + place(Evidence.clean(where))).replace("\n", "\n  ");
  }

  private static String place(String place) {
    return place.isEmpty() ? "" : "  " + Colour.FAINT.of("(" + place + ")");
  }
}
