package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.telemetry.AlertRules.Alert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the rules for Prometheus to the meters that there are, and to the runbook. */
class AlertRulesTest {

  private static final String RUNBOOK = "src/docs/operate/runbook.md";
  private static final Pattern SHIPPED = Pattern.compile("`(TokenBroker\\w+)` \\((\\w+)\\)");

  private final MeterQueries rules = new MeterQueries(AlertRules.expressions());

  @Test
  void every_meter_and_label_value_of_a_rule_is_shown_by_a_scrape() {
    assertThat(rules.meters()).isNotEmpty();
    assertThat(rules.notShown()).isEmpty();
  }

  @Test
  void every_meter_of_a_rule_stands_in_the_golden_file() {
    assertThat(rules.notGolden()).isEmpty();
  }

  @Test
  void rules_group_by_labels_that_there_are() {
    assertThat(rules.unknownLabels()).isEmpty();
  }

  @Test
  void every_recorded_name_that_a_rule_uses_is_recorded() {
    assertThat(rules.recorded()).isNotEmpty();
    assertThat(AlertRules.recorded()).containsAll(rules.recorded());
  }

  @Test
  void every_alert_has_a_runbook_section_and_the_reverse() throws IOException {
    assertThat(AlertRules.alerts())
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(alertsOfTheRunbook());
  }

  @Test
  void alerts_about_peers_and_refusals_name_the_changes_before() {
    assertThat(AlertRules.annotated("changes"))
        .containsExactlyInAnyOrder(
            "TokenBrokerUpstreamCircuitOpen",
            "TokenBrokerKeysStale",
            "TokenBrokerKeysExpired",
            "TokenBrokerOperatorMustAct",
            "TokenBrokerPeerFails",
            "TokenBrokerRefusalsHigh");
  }

  @Test
  void tests_show_every_alert_firing_and_every_critical_one_silent() {
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
