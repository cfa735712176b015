package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.schema.TableSection;
import java.util.List;
import java.util.Locale;

/** Files that hold a contract; a change of one is a change of the contract. */
public final class Golden {

  private Golden() {}

  /** The meters of the golden file as Prometheus names them. */
  private static List<String> prometheusMeters() {
    return lines("meters.txt").stream().map(Golden::prometheusName).toList();
  }

  /** Those of a broker without a candidate, an own client or a shadow rule that holds. */
  public static List<String> ordinaryMeters() {
    return prometheusMeters().stream()
        .filter(name -> !name.equals("tokenbroker_shadow_rules_total"))
        .filter(name -> !name.equals("tokenbroker_candidate_info"))
        .filter(name -> !name.startsWith("tokenbroker_own_token_"))
        .filter(name -> !name.equals("tokenbroker_replica_silence_seconds"))
        .toList();
  }

  // "tokenbroker.exchange timer seconds ..." is shown as tokenbroker_exchange_seconds.
  private static String prometheusName(String line) {
    String[] words = line.split(" ", -1);
    String unit = words[2].equals("-") ? "" : "_" + words[2].toLowerCase(Locale.ROOT);
    return words[0].replace('.', '_') + unit + (words[1].equals("counter") ? "_total" : "");
  }

  /** The lines of {@code golden/name}, without comments and blank ones. */
  static List<String> lines(String name) {
    return TableSection.text("/golden/" + name)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }
}
