package dev.tokenbroker.command;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.command.report.Colour;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Paragraph;
import io.vertx.core.json.JsonObject;
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
  static List<Node> of(List<JsonObject> entries) {
    return entries.isEmpty()
        ? List.of()
        : List.of(
            Node.of(
                entries.size() == 1 ? "1 entry differs" : entries.size() + " entries differ",
                entries.stream().map(EntryDiffTree::entry).toList()));
  }

  private static Node entry(JsonObject entry) {
    String change = ReportJson.text(entry, "change");
    String what =
        Evidence.clean(ReportJson.text(entry, "section"))
            + " "
            + Evidence.clean(ReportJson.text(entry, "name"))
            + " "
            + Evidence.clean(change);
    String headline =
        switch (change) {
          case "added" -> Colour.GREEN.of("+ " + what);
          case "removed" -> Colour.RED.of("- " + what);
          default -> "~ " + what; // also a change that a newer broker names
        };
    String places =
        Stream.of("from_place", "to_place")
            .map(name -> ReportJson.text(entry, name))
            .filter(place -> !place.isEmpty())
            .map(Evidence::clean)
            .distinct()
            .collect(Collectors.joining(ARROW));
    return Node.of(
        headline + place(places),
        ReportJson.objects(entry, "values").stream().map(EntryDiffTree::value).toList());
  }

  /** The path of a value, and below it the earlier and the later value, each with a sign. */
  private static Node value(JsonObject value) {
    return Node.leaf(
        Evidence.clean(ReportJson.text(value, "path"))
            + side(Colour.RED, "- ", value, "from")
            + side(Colour.GREEN, "+ ", value, "to"));
  }

  private static String side(Colour colour, String sign, JsonObject of, String side) {
    String value = ReportJson.text(of, side);
    String where = ReportJson.text(of, side + "_place");
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
