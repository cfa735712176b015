package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.telemetry.AlertRules.Alert;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the rules for Prometheus to the meters that there are, and to the runbook. */
class AlertRulesTest {

  private static final String RUNBOOK = "src/docs/runbook.md";
  private static final Set<String> LABELS_OF_PROMETHEUS = Set.of("job", "instance", "le");

  private static final Pattern METER = Pattern.compile("\\btokenbroker_\\w+");
  private static final Pattern RECORDED = Pattern.compile("\\btokenbroker:[\\w:]+");
  private static final Pattern SELECTOR = Pattern.compile("\\b(tokenbroker_\\w+)\\{([^}]*)}");
  private static final Pattern MATCHER =
      Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"([^\"]*)\"");
  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on) \\(([^)]*)\\)");
  private static final Pattern SHIPPED = Pattern.compile("`(TokenBroker\\w+)` \\((\\w+)\\)");

  @Test
  void every_meter_of_a_rule_is_shown_by_a_scrape() {
    Set<String> shown = new HashSet<>();
    scrape().forEach(sample -> shown.add(sample.split("[{ ]", 2)[0]));
    assertThat(found(METER).map(MatchResult::group))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(shown).contains(name));
  }

  @Test
  void every_meter_of_a_rule_stands_in_the_golden_file() {
    List<String> golden = new ArrayList<>();
    Golden.lines("meters.txt").forEach(line -> golden.addAll(prometheusNames(line)));
    assertThat(found(METER).map(MatchResult::group))
        .allSatisfy(name -> assertThat(golden).contains(name));
  }

  @Test
  void every_label_value_that_a_rule_asks_for_is_shown_by_a_scrape() {
    List<String> samples = scrape();
    assertThat(found(SELECTOR))
        .isNotEmpty()
        .allSatisfy(
            selector -> {
              for (MatchResult matcher : MATCHER.matcher(selector.group(2)).results().toList()) {
                for (String value : matcher.group(2).split("\\|", -1)) {
                  String label = matcher.group(1) + "=\"" + value + "\"";
                  assertThat(samples)
                      .as(selector.group())
                      .anyMatch(
                          sample ->
                              sample.startsWith(selector.group(1) + "{") && sample.contains(label));
                }
              }
            });
  }

  @Test
  void rules_group_by_labels_that_there_are() {
    Set<String> labels = new HashSet<>(LABELS_OF_PROMETHEUS);
    Golden.lines("meters.txt")
        .forEach(line -> labels.addAll(List.of(line.split(" ", -1)[3].split(",", -1))));
    assertThat(found(GROUPING).flatMap(group -> Stream.of(group.group(1).split(",\\s*", -1))))
        .isNotEmpty()
        .allSatisfy(label -> assertThat(labels).contains(label));
  }

  @Test
  void every_recorded_name_that_a_rule_uses_is_recorded() {
    assertThat(found(RECORDED).map(MatchResult::group))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(AlertRules.recorded()).contains(name));
  }

  @Test
  void every_alert_names_its_section_of_the_runbook_and_every_such_section_its_alert()
      throws IOException {
    assertThat(AlertRules.alerts())
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(alertsOfTheRunbook());
  }

  @Test
  void every_alert_is_tested_to_fire_and_every_critical_one_to_be_silent() {
    assertThat(AlertRules.alerts())
        .allSatisfy(
            alert -> {
              assertThat(alert.severity()).isIn("critical", "warning", "info");
              assertThat(AlertRules.tested(true)).contains(alert.name());
              if (alert.severity().equals("critical")) {
                assertThat(AlertRules.tested(false)).contains(alert.name());
              }
            });
  }

  private static Stream<MatchResult> found(Pattern pattern) {
    return AlertRules.expressions().stream()
        .flatMap(expression -> pattern.matcher(expression).results());
  }

  // Quarkus has this registry; another one would name meters otherwise.
  @SuppressWarnings("deprecation")
  private static List<String> scrape() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    AllMeters.register(registry);
    return registry.scrape().lines().filter(line -> !line.startsWith("#")).toList();
  }

  private static List<String> prometheusNames(String line) {
    String[] words = line.split(" ", -1);
    String name = words[0].replace('.', '_') + (words[2].equals("-") ? "" : "_" + words[2]);
    return switch (words[1]) {
      case "counter" -> List.of(name + "_total");
      case "timer" -> List.of(name + "_count", name + "_sum", name + "_max", name + "_bucket");
      default -> List.of(name);
    };
  }

  /** What each section says of itself in a line "Alert: `Name` (severity)." */
  private static List<Alert> alertsOfTheRunbook() throws IOException {
    List<Alert> alerts = new ArrayList<>();
    String anchor = "";
    for (String line : Files.readAllLines(Path.of(RUNBOOK))) {
      if (line.startsWith("## ")) {
        anchor = anchor(line.substring(3));
      } else if (line.startsWith("Alert: ")) {
        for (MatchResult shipped : SHIPPED.matcher(line).results().toList()) {
          alerts.add(new Alert(shipped.group(1), shipped.group(2), RUNBOOK + "#" + anchor));
        }
      }
    }
    return alerts;
  }

  // As Markdown is rendered where the sources are shown.
  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", "").replace(' ', '-');
  }
}
