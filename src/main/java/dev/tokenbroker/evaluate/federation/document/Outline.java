package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a document without problems and their places, for warnings and comparisons.
 *
 * @param entries the entries of each section by their names
 * @param keySets the key sets that are not fetched, by the name of their issuer
 * @param sources the files
 */
public record Outline(
    Map<DocumentSection, Map<String, Mapping>> entries,
    Map<String, KeySetSummary> keySets,
    List<Source> sources) {

  private static final int DIGEST_CHARS = 12;

  /**
   * A key set that is not fetched.
   *
   * @param sha256 the digest of its content, in hexadecimal
   * @param kids the names of its usable keys
   */
  public record KeySetSummary(String sha256, List<String> kids) {

    static KeySetSummary of(DeclaredIssuer.DeclaredKeys.Fixed keys) {
      return new KeySetSummary(
          Sha256.hex(keys.content().getBytes(StandardCharsets.UTF_8)),
          keys.keys().keys().stream().map(VerificationKey::kid).filter(Objects::nonNull).toList());
    }

    @Override
    public String toString() {
      return "sha256 " + sha256.substring(0, DIGEST_CHARS) + ", kids " + kids;
    }
  }

  /** The entries of a section by their names. */
  public Map<String, Mapping> entries(DocumentSection section) {
    return entries.getOrDefault(section, Map.of());
  }

  /** The text at these keys of an entry; empty if there is none. */
  public String text(DocumentSection section, String name, String... keys) {
    Yaml value = entries(section).get(name);
    for (String key : keys) {
      Entry entry = value instanceof Mapping mapping ? mapping.entries().get(key) : null;
      value = entry == null ? null : entry.value();
    }
    return value instanceof Scalar scalar ? scalar.text() : "";
  }

  /** The file with that entry; null if there is no such entry. */
  @Nullable String file(DocumentSection section, String name) {
    Mapping entry = entries(section).get(name);
    return entry == null ? null : entry.place().file();
  }

  /** The key sets of these issuers that are not fetched, by name. */
  static Map<String, KeySetSummary> keySets(List<DeclaredIssuer> issuers) {
    Map<String, KeySetSummary> keySets = new HashMap<>();
    for (DeclaredIssuer issuer : issuers) {
      if (issuer.keys() instanceof DeclaredIssuer.DeclaredKeys.Fixed keys) {
        keySets.put(issuer.name(), KeySetSummary.of(keys));
      }
    }
    return Map.copyOf(keySets);
  }

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
