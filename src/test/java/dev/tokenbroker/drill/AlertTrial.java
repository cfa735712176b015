package dev.tokenbroker.drill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A test for {@code promtool}: with what the drill has scraped, each alert that it expects must
 * fire. Counters grow by the scraped value each minute, as they do while a fault lasts.
 */
final class AlertTrial {

  private static final Pattern SERIES =
      Pattern.compile("(tokenbroker_\\w+)(?:\\{([^}]*)})? ([-+.\\dE]+)");

  private final Map<String, String> scraped = new TreeMap<>();
  private final Set<String> expected = new LinkedHashSet<>();

  /**
   * Expects an alert.
   *
   * @param label one that the alert has; empty for none
   * @param scrape the meters while the fault lasts
   */
  void expect(String alert, String label, List<String> scrape) {
    for (String line : scrape) {
      Matcher series = SERIES.matcher(line);
      if (series.matches() && line.contains(label)) {
        String labels = series.group(2) == null ? "" : "," + series.group(2);
        scraped.put(
            series.group(1) + "{job=\"broker\",instance=\"a\"" + labels + "}",
            series.group(1).endsWith("_total")
                ? "0+" + series.group(3) + "x30"
                : series.group(3) + "x30");
      }
    }
    String alerts = "ALERTS{alertname=\"" + alert + "\",alertstate=\"firing\"";
    expected.add("count(" + alerts + (label.isEmpty() ? "" : "," + label) + "}) > bool 0");
  }

  void write(Path file) throws IOException {
    String series =
        scraped.entrySet().stream()
            .map(
                one ->
                    "      - {series: '%s', values: '%s'}%n"
                        .formatted(one.getKey(), one.getValue()))
            .collect(Collectors.joining());
    String alerts =
        expected.stream()
            .map(
                expression ->
                    "      - {expr: '%s', eval_time: 25m, exp_samples: [{labels: '{}', value: 1}]}%n"
                        .formatted(expression))
            .collect(Collectors.joining());
    Files.writeString(
        file,
        """
        rule_files: [../../docker/prometheus/rules.yml]
        evaluation_interval: 1m
        tests:
          - interval: 1m
            input_series:
        %s    promql_expr_test:
        %s"""
            .formatted(series, alerts));
  }
}
