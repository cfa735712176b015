package dev.tokenbroker.judge.issuer;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The difference between two key sets of one issuer: thumbprints by key name.
 *
 * @param before the keys that were withdrawn or replaced
 * @param after the keys that are new
 */
record KeyChange(Map<String, Set<String>> before, Map<String, Set<String>> after) {

  /** Compares the thumbprints of the keys by name. */
  static KeyChange between(Map<String, Set<String>> before, Map<String, Set<String>> after) {
    return new KeyChange(missing(before, after), missing(after, before));
  }

  private static Map<String, Set<String>> missing(
      Map<String, Set<String>> from, Map<String, Set<String>> in) {
    Map<String, Set<String>> missing = new TreeMap<>(from);
    missing.entrySet().removeIf(key -> key.getValue().equals(in.get(key.getKey())));
    return missing;
  }

  /** The names of all keys that differ. */
  List<String> names() {
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    return List.copyOf(names);
  }

  int added() {
    return names().size() - before.size();
  }

  int withdrawn() {
    return names().size() - after.size();
  }

  /** How many names both sets have, with other keys. */
  int replaced() {
    return before.size() + after.size() - names().size();
  }
}
