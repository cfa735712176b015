package dev.tokenbroker.command.report;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;

/**
 * One entry of a report, and the entries below it. Each printer shows what its format can hold.
 *
 * @param title clean; with line breaks if it takes several lines
 * @param causes the facts for which it failed
 * @param details other facts
 * @param values the members of its JSON object
 */
public record Node(
    Result result,
    String title,
    List<Fact> causes,
    List<Fact> details,
    List<Node> below,
    JsonObject values) {

  private static final int SHOWN = 20;

  /** The result of what an entry is about. */
  public enum Result {
    /** There is nothing to judge. */
    NONE,
    PASSED,
    WARNING,
    FAILED,
    SKIPPED
  }

  /**
   * A named fact.
   *
   * @param name empty if the text needs none
   */
  public record Fact(String name, String text) {

    /** The fact as a line of a tree. */
    public String line() {
      return "%-9s %s".formatted(name, text);
    }
  }

  /** An entry without JSON. */
  public static Node of(Result result, String title, List<Node> below) {
    return new Node(result, title, List.of(), List.of(), below, new JsonObject());
  }

  /** A heading. */
  public static Node of(String title, List<Node> below) {
    return of(Result.NONE, title, below);
  }

  /** A line. */
  public static Node leaf(String title) {
    return leaf(Result.NONE, title);
  }

  /** A marked line. */
  public static Node leaf(Result result, String title) {
    return of(result, title, List.of());
  }

  /** The first {@value #SHOWN} of these nodes, and a line that says how many more there are. */
  public static List<Node> few(List<Node> nodes) {
    return nodes.size() <= SHOWN
        ? nodes
        : Stream.concat(
                nodes.stream().limit(SHOWN),
                Stream.of(leaf("and %d more; --json shows all".formatted(nodes.size() - SHOWN))))
            .toList();
  }

  /** The same entry with another title, and with these entries below it. */
  public Node with(String otherTitle, List<Node> otherBelow) {
    return new Node(result, otherTitle, causes, details, otherBelow, values);
  }

  /** The JSON objects of the nodes. */
  public static JsonArray values(List<Node> nodes) {
    return new JsonArray(nodes.stream().map(Node::values).toList());
  }
}
