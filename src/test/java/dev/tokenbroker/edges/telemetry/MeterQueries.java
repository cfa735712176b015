package dev.tokenbroker.edges.telemetry;

import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Queries to Prometheus, held to what a scrape of the broker shows and to the golden list of
 * meters: a name that is written wrong gives an alert that never fires and a panel that stays
 * empty.
 *
 * @param expressions in PromQL
 */
record MeterQueries(List<String> expressions) {

  /** Those that Prometheus gives to what it scrapes, and the bound of a bucket. */
  private static final Set<String> LABELS_OF_PROMETHEUS = Set.of("job", "instance", "le");

  private static final Pattern METER = Pattern.compile("\\btokenbroker_\\w+");
  private static final Pattern RECORDED = Pattern.compile("\\btokenbroker:[\\w:]+");
  private static final Pattern SELECTOR = Pattern.compile("\\b(tokenbroker_\\w+)\\{([^}]*)}");
  private static final Pattern MATCHER =
      Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"([^\"]*)\"");
  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on) \\(([^)]*)\\)");

  /** The meters asked for, by the names that Prometheus has for them. */
  Set<String> meters() {
    return found(METER).map(MatchResult::group).collect(Collectors.toSet());
  }

  /** The recorded names asked for. */
  Set<String> recorded() {
    return found(RECORDED).map(MatchResult::group).collect(Collectors.toSet());
  }

  /** What no scrape shows: meters, and values of the broker's own labels. */
  List<String> notShown() {
    List<String> samples = scrape();
    Set<String> shown =
        samples.stream().map(sample -> sample.split("[{ ]", 2)[0]).collect(Collectors.toSet());
    List<String> missing =
        new ArrayList<>(meters().stream().filter(meter -> !shown.contains(meter)).toList());
    found(SELECTOR)
        .flatMap(selector -> matches(selector.group(1), selector.group(2)))
        .filter(match -> samples.stream().noneMatch(match::isShownBy))
        .map(Match::toString)
        .forEach(missing::add);
    return missing;
  }

  /** Meters that do not stand in the golden file. */
  List<String> notGolden() {
    Set<String> golden =
        Golden.lines("meters.txt").stream()
            .flatMap(line -> prometheusNames(line).stream())
            .collect(Collectors.toSet());
    return meters().stream().filter(meter -> !golden.contains(meter)).toList();
  }

  /** Labels that are grouped by and that no meter has. */
  List<String> unknownLabels() {
    Set<String> labels = labels();
    return found(GROUPING)
        .flatMap(group -> Stream.of(group.group(1).split(",\\s*", -1)))
        .filter(label -> !labels.contains(label))
        .toList();
  }

  /** All labels that a sample can have. */
  static Set<String> labels() {
    Set<String> labels = new HashSet<>(LABELS_OF_PROMETHEUS);
    Golden.lines("meters.txt")
        .forEach(line -> labels.addAll(List.of(line.split(" ", -1)[3].split(",", -1))));
    return labels;
  }

  private Stream<MatchResult> found(Pattern pattern) {
    return expressions.stream().flatMap(expression -> pattern.matcher(expression).results());
  }

  private static Stream<Match> matches(String meter, String selector) {
    return MATCHER
        .matcher(selector)
        .results()
        .filter(matcher -> !LABELS_OF_PROMETHEUS.contains(matcher.group(1)))
        .flatMap(
            matcher ->
                Stream.of(matcher.group(2).split("\\|", -1))
                    .map(value -> new Match(meter, matcher.group(1) + "=\"" + value + "\"")));
  }

  /** A meter that has such a label. */
  private record Match(String meter, String label) {

    boolean isShownBy(String sample) {
      return sample.startsWith(meter + "{") && sample.contains(label);
    }
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
}
