package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The environment variables and settings under the broker's prefix that set nothing. A misspelt one
 * would leave a setting at its default, so it stops the start. SmallRye Config refuses an unknown
 * setting only within the groups that have a mapping. Kubernetes makes some variables for a service
 * named {@code token-broker} ("service links"); these are ignored.
 */
final class SettingNames {

  static final Set<String> GROUPS =
      Set.of(
          """
          access admission audit cache changes credential crypto dpop exchange federation grpc
          health issuer probes recording revocation shutdown store tls token upstream"""
              .split("\\s+", -1));

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
  private final List<String> settings;

  /**
   * @param properties the names of all properties that are set; a variable that sets one stands
   *     there under the name of the setting
   */
  SettingNames(Map<String, String> environment, Iterable<String> properties) {
    this.settings =
        StreamSupport.stream(properties.spliterator(), false)
            .filter(name -> name.startsWith(SETTINGS))
            .sorted()
            .toList();
    Set<String> used = settings.stream().map(SettingNames::variable).collect(Collectors.toSet());
    this.unused = new TreeMap<>(environment);
    unused.keySet().removeIf(name -> !name.startsWith(PREFIX) || used.contains(name));
  }

  /** The name of the variable that sets a property, by the rules of MicroProfile Config. */
  static String variable(String property) {
    return property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  /** The variables and settings that set nothing, as reasons not to start. */
  List<UnfitSetting> unfit() {
    Stream<UnfitSetting> variables =
        unused.entrySet().stream()
            .filter(variable -> !isServiceLink(variable.getKey(), variable.getValue()))
            .map(
                variable ->
                    nameless(
                        variable.getKey(),
                        AccessSettings.replacement(
                                variable.getKey().toLowerCase(Locale.ROOT).replace('_', '-'),
                                variable.getValue())
                            .orElse(
                                "Correct the name of this environment variable, or remove it.")));
    Stream<UnfitSetting> unknown =
        settings.stream()
            .filter(name -> !GROUPS.contains(group(name)))
            .map(name -> nameless(name, "Correct the name, or remove the setting."));
    return Stream.concat(variables, unknown).toList();
  }

  private static UnfitSetting nameless(String name, String remedy) {
    return new UnfitSetting(name, "is the name of no setting.", remedy);
  }

  private static String group(String setting) {
    return setting.substring(SETTINGS.length()).split("\\.", 2)[0];
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
