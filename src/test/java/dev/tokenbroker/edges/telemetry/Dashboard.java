package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The dashboard that is shipped for Grafana, as its file has it. JSON is read as the YAML it is.
 */
final class Dashboard {

  private static final Path FILE = Path.of("docker/grafana/dashboards/token-broker.json");

  private final Map<String, Object> model = read();

  /**
   * A panel.
   *
   * @param x where it begins, of 24 columns
   */
  record Panel(
      int id,
      String title,
      int x,
      int y,
      int width,
      int height,
      List<Map<String, Object>> targets) {

    private boolean covers(int column, int row) {
      return column >= x && column < x + width && row >= y && row < y + height;
    }

    /** Whether the top left corner of either lies in the other. */
    boolean overlaps(Panel other) {
      return covers(other.x, other.y) || other.covers(x, y);
    }
  }

  List<Panel> panels() {
    return maps(model, "panels").map(Dashboard::panel).toList();
  }

  /** The queries of panels, variables and annotations. */
  List<String> expressions() {
    return Stream.of(
            panels().stream()
                .flatMap(panel -> panel.targets().stream())
                .map(target -> text(target, "expr")),
            variables("query").map(variable -> text(variable, "definition")),
            annotations().map(annotation -> text(annotation, "expr")))
        .flatMap(Function.identity())
        .toList();
  }

  /** The kinds of sources to choose from, by what a panel says to be given the chosen one. */
  Map<String, String> choicesOfSource() {
    return variables("datasource")
        .collect(
            Collectors.toMap(
                variable -> "${" + text(variable, "name") + "}",
                variable -> text(variable, "query")));
  }

  /** The templates by which lines and annotations are named. */
  List<String> legends() {
    return Stream.concat(
            panels().stream()
                .flatMap(panel -> panel.targets().stream())
                .map(target -> text(target, "legendFormat")),
            annotations().map(annotation -> text(annotation, "titleFormat")))
        .toList();
  }

  /** What is drawn over all panels. */
  private Stream<Map<String, Object>> annotations() {
    return maps(map(model, "annotations"), "list");
  }

  /** The sources of data that anything in it names. */
  List<String> dataSources() {
    return dataSources(model).distinct().toList();
  }

  private Stream<Map<String, Object>> variables(String type) {
    return maps(map(model, "templating"), "list")
        .filter(variable -> type.equals(text(variable, "type")));
  }

  private static Panel panel(Map<String, Object> panel) {
    Map<String, Object> at = map(panel, "gridPos");
    return new Panel(
        number(panel, "id"),
        text(panel, "title"),
        number(at, "x"),
        number(at, "y"),
        number(at, "w"),
        number(at, "h"),
        maps(panel, "targets").toList());
  }

  private static Stream<String> dataSources(Object node) {
    return switch (node) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .flatMap(
                  entry ->
                      "datasource".equals(entry.getKey())
                          ? Stream.of(String.valueOf(((Map<?, ?>) entry.getValue()).get("uid")))
                          : dataSources(entry.getValue()));
      case List<?> list -> list.stream().flatMap(Dashboard::dataSources);
      case null, default -> Stream.empty();
    };
  }

  private static Map<String, Object> read() {
    return Unchecked.get(
        () -> new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(FILE)));
  }

  @SuppressWarnings("unchecked")
  private static Stream<Map<String, Object>> maps(Map<String, Object> in, String key) {
    return ((List<Map<String, Object>>) Objects.requireNonNullElse(in.get(key), List.of()))
        .stream();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> in, String key) {
    return (Map<String, Object>) Objects.requireNonNull(in.get(key), key);
  }

  private static String text(Map<String, Object> in, String key) {
    return (String) Objects.requireNonNull(in.get(key), key);
  }

  private static int number(Map<String, Object> in, String key) {
    return (Integer) Objects.requireNonNull(in.get(key), key);
  }
}
