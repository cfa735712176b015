package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The environment variables under the broker's prefix that set nothing. A misspelt one would leave
 * a setting at its default, so it stops the start. Kubernetes makes some for a service named {@code
 * token-broker} ("service links"); these are ignored.
 */
final class EnvironmentNames {

  private static final String PREFIX = "TOKEN_BROKER_";
  private static final String SETTINGS = "token-broker.";

  private static final String ADDRESS = "[0-9A-Fa-f.:]+";

  /** The names that a service link may have, each with the form of its value. */
  private static final Map<Pattern, Pattern> SERVICE_LINKS =
      Map.of(
          Pattern.compile("(\\w+_)?SERVICE_HOST"), Pattern.compile(ADDRESS),
          Pattern.compile("(\\w+_)?SERVICE_PORT(_\\w+)?"), Pattern.compile("\\d{1,5}"),
          Pattern.compile("(\\w+_)?PORT(_\\d+_(TCP|UDP|SCTP))?"),
              Pattern.compile("(tcp|udp|sctp)://\\[?" + ADDRESS + "]?:\\d{1,5}"),
          Pattern.compile("(\\w+_)?PORT_\\d+_(TCP|UDP|SCTP)_PROTO"),
              Pattern.compile("tcp|udp|sctp"),
          Pattern.compile("(\\w+_)?PORT_\\d+_(TCP|UDP|SCTP)_PORT"), Pattern.compile("\\d{1,5}"),
          Pattern.compile("(\\w+_)?PORT_\\d+_(TCP|UDP|SCTP)_ADDR"), Pattern.compile(ADDRESS));

  private final SortedMap<String, String> unused;

  /**
   * @param properties the names of all properties that are set; a variable that sets one stands
   *     there under the name of the setting
   */
  EnvironmentNames(Map<String, String> environment, Iterable<String> properties) {
    Set<String> used =
        StreamSupport.stream(properties.spliterator(), false)
            .filter(name -> name.startsWith(SETTINGS))
            .map(EnvironmentNames::variable)
            .collect(Collectors.toSet());
    this.unused = new TreeMap<>(environment);
    unused.keySet().removeIf(name -> !name.startsWith(PREFIX) || used.contains(name));
  }

  /** The name of the variable that sets a property, by the rules of MicroProfile Config. */
  private static String variable(String property) {
    return property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  /** The variables that set nothing, as reasons not to start. */
  List<UnfitSetting> unfit() {
    return unused.entrySet().stream()
        .filter(variable -> !isServiceLink(variable.getKey(), variable.getValue()))
        .map(
            variable ->
                new UnfitSetting(
                    variable.getKey(),
                    "is the name of no setting.",
                    "Correct the name of this environment variable, or remove it."))
        .toList();
  }

  /** The variables that Kubernetes made. */
  List<String> serviceLinks() {
    return unused.entrySet().stream()
        .filter(variable -> isServiceLink(variable.getKey(), variable.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean isServiceLink(String name, String value) {
    String rest = name.substring(PREFIX.length());
    return SERVICE_LINKS.entrySet().stream()
        .anyMatch(
            link ->
                link.getKey().matcher(rest).matches() && link.getValue().matcher(value).matches());
  }
}
