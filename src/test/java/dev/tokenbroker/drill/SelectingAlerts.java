package dev.tokenbroker.drill;

import dev.tokenbroker.edges.telemetry.AlertRules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The alerts of docker/prometheus/rules.yml, and which series of a scrape they select. Whether an
 * expression fires over time is tested by rules.test.yml.
 */
final class SelectingAlerts {

  private static final Pattern SELECTOR = Pattern.compile("(tokenbroker_\\w+)(?:\\{([^}]*)})?");
  private static final Pattern LABEL = Pattern.compile("(\\w+)(=~|!~|!=|=)\"([^\"]*)\"");
  private static final Pattern SERIES =
      Pattern.compile("(tokenbroker_\\w+)(?:\\{([^}]*)})? (\\S+)");

  private final Map<String, String> expressions = AlertRules.expressionsByAlert();

  /**
   * Whether each meter that the alert reads has a series with this label that one of its selectors
   * selects.
   */
  boolean selects(String alert, List<String> scrape, String subject) {
    String expression = expressions.get(alert);
    if (expression == null) {
      return false;
    }
    Map<String, Boolean> read = new LinkedHashMap<>();
    for (Matcher at = SELECTOR.matcher(expression); at.find(); ) {
      String meter = at.group(1);
      String labels = at.group(2) == null ? "" : at.group(2);
      boolean selected =
          scrape.stream()
              .filter(line -> line.contains(subject))
              .anyMatch(line -> isSelected(line, meter, labels));
      read.merge(meter, selected, Boolean::logicalOr);
    }
    return !read.isEmpty() && !read.containsValue(false);
  }

  private static boolean isSelected(String line, String meter, String selector) {
    Matcher series = SERIES.matcher(line);
    if (!series.matches() || !series.group(1).equals(meter)) {
      return false;
    }
    Map<String, String> values = new LinkedHashMap<>();
    String given = series.group(2) == null ? "" : series.group(2);
    for (Matcher label = LABEL.matcher(given); label.find(); ) {
      values.put(label.group(1), label.group(3));
    }
    for (Matcher wanted = LABEL.matcher(selector); wanted.find(); ) {
      String value = values.getOrDefault(wanted.group(1), "");
      boolean equal =
          wanted.group(2).endsWith("~")
              ? value.matches(wanted.group(3))
              : value.equals(wanted.group(3));
      if (equal == wanted.group(2).startsWith("!")) {
        return false;
      }
    }
    return true;
  }
}
