package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The rules that are shipped for Prometheus, and their tests, as their files have them. */
public final class AlertRules {

  private static final Path RULES = Path.of("docker/prometheus/rules.yml");
  private static final Path TESTS = Path.of("docker/prometheus/rules.test.yml");

  private AlertRules() {}

  /**
   * An alert.
   *
   * @param runbook where its section is
   */
  record Alert(String name, String severity, String runbook) {}

  static List<Alert> alerts() {
    return rules()
        .filter(rule -> rule.containsKey("alert"))
        .map(
            rule ->
                new Alert(
                    text(rule, "alert"),
                    text(map(rule, "labels"), "severity"),
                    text(map(rule, "annotations"), "runbook")))
        .toList();
  }

  /** The expressions of alerts by their names. */
  public static Map<String, String> expressionsByAlert() {
    return rules()
        .filter(rule -> rule.containsKey("alert"))
        .collect(Collectors.toMap(rule -> text(rule, "alert"), rule -> text(rule, "expr")));
  }

  /** Expressions, and annotations, which may contain queries. */
  static List<String> expressions() {
    return rules()
        .flatMap(rule -> Stream.concat(Stream.of(text(rule, "expr")), annotations(rule)))
        .toList();
  }

  /** The alerts with an annotation of that name. */
  static List<String> annotated(String annotation) {
    return rules()
        .filter(rule -> rule.containsKey("alert"))
        .filter(rule -> map(rule, "annotations").containsKey(annotation))
        .map(rule -> text(rule, "alert"))
        .toList();
  }

  private static Stream<String> annotations(Map<?, ?> rule) {
    return rule.containsKey("annotations")
        ? map(rule, "annotations").values().stream().map(String::valueOf)
        : Stream.empty();
  }

  /** The names under which rates are recorded. */
  static Set<String> recorded() {
    return rules()
        .filter(rule -> rule.containsKey("record"))
        .map(rule -> text(rule, "record"))
        .collect(Collectors.toSet());
  }

  /** The alerts that a test expects to fire, or those that one expects to be silent. */
  static Set<String> tested(boolean firing) {
    return maps(read(TESTS), "tests")
        .flatMap(test -> maps(test, "alert_rule_test"))
        .filter(test -> maps(test, "exp_alerts").findAny().isPresent() == firing)
        .map(test -> text(test, "alertname"))
        .collect(Collectors.toSet());
  }

  private static Stream<Map<?, ?>> rules() {
    return maps(read(RULES), "groups").flatMap(group -> maps(group, "rules"));
  }

  private static Map<?, ?> read(Path file) {
    return Unchecked.get(
        () -> new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file)));
  }

  private static Stream<Map<?, ?>> maps(Map<?, ?> in, String key) {
    List<?> list = (List<?>) Objects.requireNonNullElse(in.get(key), List.of());
    return list.stream().map(each -> (Map<?, ?>) each);
  }

  private static Map<?, ?> map(Map<?, ?> in, String key) {
    return (Map<?, ?>) Objects.requireNonNull(in.get(key), key);
  }

  private static String text(Map<?, ?> in, String key) {
    return (String) Objects.requireNonNull(in.get(key), key);
  }
}
