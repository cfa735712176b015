package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values that refer to an entry of another section.
 *
 * @param kind the kind of entry: "issuer"
 * @param declared the names of the entries
 * @param remedy the remedy if no similar name can be suggested
 */
record References(String kind, Set<String> declared, String remedy, Problems problems) {

  /** The name; null where it is absent, which is reported. An undeclared name is reported, too. */
  @Nullable String read(Fields fields, String key) {
    Scalar name = fields.required(key, remedy);
    if (name == null) {
      return null;
    }
    if (!declared.contains(name.text())) {
      problems.at(
          name.place(),
          "no " + kind + " '" + name.text() + "' is declared",
          Spelling.remedy(name.text(), declared, remedy));
    }
    return name.text();
  }
}
