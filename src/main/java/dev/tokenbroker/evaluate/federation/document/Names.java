package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the names of a section's entries: each well-formed, and unique over all files. */
final class Names {

  private static final String KEY = "name";

  private final String what;
  private final String remedy;
  private final Problems problems;
  private final Map<String, Place> declared = new LinkedHashMap<>();

  /**
   * @param what an entry, with an article: "an issuer"
   * @param remedy the remedy for an entry without a name
   */
  Names(String what, String remedy, Problems problems) {
    this.what = what;
    this.remedy = remedy;
    this.problems = problems;
  }

  /** The names read, including those of entries with other problems. */
  Set<String> declared() {
    return declared.keySet();
  }

  /** The name; null where an absent or invalid one is reported. A duplicate is reported, too. */
  @Nullable String read(Fields fields) {
    Scalar name = fields.required(KEY, remedy);
    if (name == null || !Form.NAME.fits(name, problems)) {
      return null;
    }
    Place first = declared.putIfAbsent(name.text(), name.place());
    if (first != null) {
      problems.at(
          name.place(),
          what + " of the name '" + name.text() + "' is already declared at " + first,
          "Give each " + what.substring(what.indexOf(' ') + 1) + " a name of its own.");
    }
    return name.text();
  }
}
