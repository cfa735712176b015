package dev.tokenbroker.issuer;

import java.util.Map;
import java.util.Set;

/**
 * The difference between two key sets of one issuer, as numbers of key names.
 *
 * @param replaced names that both sets have, with other keys
 */
record KeyChange(int added, int withdrawn, int replaced) {

  /** Compares the thumbprints of the keys by name. */
  static KeyChange between(Map<String, Set<String>> before, Map<String, Set<String>> after) {
    int added = (int) after.keySet().stream().filter(kid -> !before.containsKey(kid)).count();
    int withdrawn = (int) before.keySet().stream().filter(kid -> !after.containsKey(kid)).count();
    int replaced =
        (int)
            before.entrySet().stream()
                .filter(key -> after.containsKey(key.getKey()))
                .filter(key -> !key.getValue().equals(after.get(key.getKey())))
                .count();
    return new KeyChange(added, withdrawn, replaced);
  }
}
