package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import java.util.List;

/** Reads {@code scopes} of any entry. */
final class Scopes {

  static final int MAX_SCOPES = 64;

  private Scopes() {}

  /** The scopes, sorted; empty where absent. Invalid ones are reported. */
  static List<String> read(Fields fields, Problems problems) {
    List<Scalar> scopes = fields.texts("scopes", MAX_SCOPES);
    for (Scalar scope : scopes) {
      if (!Syntax.isScope(scope.text())) {
        problems.at(
            scope.place(),
            "'" + scope.text() + "' is no scope",
            "Use printable ASCII characters without blank, quote and backslash (RFC 6749 section"
                + " 3.3), at most 128.");
      }
    }
    return scopes.stream().map(Scalar::text).sorted().toList();
  }
}
