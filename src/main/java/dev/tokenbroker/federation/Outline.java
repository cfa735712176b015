package dev.tokenbroker.federation;

import dev.tokenbroker.federation.DocumentGate.Source;
import dev.tokenbroker.federation.Yaml.Entry;
import dev.tokenbroker.federation.Yaml.Mapping;
import dev.tokenbroker.federation.Yaml.Scalar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The positions of the entries in a document without problems, for warnings about an entry.
 *
 * @param issuers the entries by name
 * @param upstreams the entries by name
 * @param targets the entries by audience
 * @param rules the entries by name
 * @param sources the files
 */
public record Outline(
    Map<String, Mapping> issuers,
    Map<String, Mapping> upstreams,
    Map<String, Mapping> targets,
    Map<String, Mapping> rules,
    List<Source> sources) {

  /** Maps the entries by the text of that key. Omits entries without it, which are a problem. */
  static Map<String, Mapping> by(String key, List<Mapping> entries) {
    Map<String, Mapping> byKey = new LinkedHashMap<>();
    for (Mapping entry : entries) {
      Entry name = entry.entries().get(key);
      if (name != null && name.value() instanceof Scalar scalar) {
        byKey.putIfAbsent(scalar.text(), entry);
      }
    }
    return byKey;
  }
}
