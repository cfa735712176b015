package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.telemetry.Dashboard.Panel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the dashboard for Grafana to the meters that there are. */
class DashboardTest {

  private static final Path PROVISIONED =
      Path.of("docker/grafana/provisioning/datasources/prometheus.yaml");
  private static final Pattern LABEL_IN_LEGEND = Pattern.compile("\\{\\{(\\w+)}}");
  private static final int COLUMNS = 24;

  private final Dashboard dashboard = new Dashboard();
  private final MeterQueries queries = new MeterQueries(dashboard.expressions());

  @Test
  void every_meter_and_label_value_of_a_panel_is_shown_by_a_scrape() {
    assertThat(queries.notShown()).isEmpty();
  }

  @Test
  void every_meter_of_a_panel_stands_in_the_golden_file() {
    assertThat(queries.notGolden()).isEmpty();
  }

  @Test
  void panels_group_by_labels_that_there_are_and_name_lines_by_them() {
    assertThat(queries.unknownLabels()).isEmpty();
    assertThat(
            dashboard.legends().stream()
                .flatMap(legend -> LABEL_IN_LEGEND.matcher(legend).results())
                .map(label -> label.group(1)))
        .isNotEmpty()
        .allSatisfy(label -> assertThat(MeterQueries.labels()).contains(label));
  }

  @Test
  void needs_no_rules_to_be_loaded() {
    assertThat(queries.recorded()).isEmpty();
  }

  @Test
  void shows_what_an_operator_asks_first() {
    assertThat(queries.meters())
        .contains(
            "tokenbroker_exchange_step_seconds_bucket",
            "tokenbroker_refusals_total",
            "tokenbroker_upstream_bound_ratio",
            "tokenbroker_issuer_keys_age_seconds",
            "tokenbroker_signing_keys_age_seconds",
            "tokenbroker_issuer_clock_offset_seconds",
            "tokenbroker_changes_total",
            "tokenbroker_changes_joined_total",
            "tokenbroker_cache_hits_total",
            "tokenbroker_admission_refused_total");
  }

  @Test
  void asks_the_source_that_is_chosen_and_no_other() {
    assertThat(dashboard.choicesOfSource()).containsOnlyKeys(dashboard.dataSources());
  }

  @Test
  void selects_the_provisioned_source_by_default() throws IOException {
    String provisioned = Files.readString(PROVISIONED);
    assertThat(dashboard.choicesOfSource().values())
        .singleElement()
        .satisfies(
            type -> assertThat(provisioned).contains("type: " + type + "\n", "isDefault: true\n"));
  }

  @Test
  void panels_have_ids_of_their_own_and_lie_beside_each_other() {
    List<Panel> panels = dashboard.panels();
    assertThat(panels).extracting(Panel::id).doesNotHaveDuplicates();
    assertThat(panels)
        .allSatisfy(
            panel -> {
              assertThat(panel.x() + panel.width()).isLessThanOrEqualTo(COLUMNS);
              assertThat(panels)
                  .filteredOn(other -> other.id() != panel.id())
                  .noneMatch(panel::overlaps);
            });
  }
}
