package dev.tokenbroker.federation;

import dev.tokenbroker.federation.Yaml.Scalar;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values that refer to an entry of another section.
 *
 * @param kind what is referred to: "issuer"
 * @param declared the names that there are
 * @param remedy what to do where none is meant that can be guessed
 */
record References(String kind, Set<String> declared, String remedy, Problems problems) {

  /** Null where it is absent, which is reported; so is one that is not declared. */
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
