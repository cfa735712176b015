package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * The settings under the broker's prefix whose group does not exist. A misspelt group would leave
 * its settings at their defaults, so it stops the start. SmallRye Config refuses an unknown name
 * only within the groups that have a mapping.
 */
final class SettingGroups {

  static final Set<String> KNOWN =
      Set.of(
          """
          access admission audit cache changes credential crypto dpop exchange federation grpc
          health issuer probes recording revocation shutdown store tls token upstream"""
              .split("\\s+", -1));

  private static final String PREFIX = "token-broker.";

  private SettingGroups() {}

  /**
   * The settings of unknown groups, as reasons not to start.
   *
   * @param properties the names of all properties that are set
   */
  static List<UnfitSetting> unfit(Iterable<String> properties) {
    return StreamSupport.stream(properties.spliterator(), false)
        .filter(name -> name.startsWith(PREFIX) && !KNOWN.contains(group(name)))
        .sorted()
        .map(
            name ->
                new UnfitSetting(
                    name, "is the name of no setting.", "Correct the name, or remove the setting."))
        .toList();
  }

  private static String group(String name) {
    return name.substring(PREFIX.length()).split("\\.", 2)[0];
  }
}
