package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Shape;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A form of text that several keys have. The schema defines it: the pattern and the remedy. */
enum Form {
  NAME("name", "name"),
  AUDIENCE("audience", "audience"),
  SCOPE("scope", "scope"),
  TLS("tls", "name of a TLS configuration"),
  OWN_CLIENT("ownClient", "name of a client"),
  APP("app", "client id or id of an App"),
  REPOSITORY("repository", "id of a repository");

  private final String what;
  private final Pattern pattern;
  private final String remedy;

  /**
   * @param definition its name in the schema
   * @param what a text of this form, without an article, for messages
   */
  Form(String definition, String what) {
    Shape shape = DocumentReader.SHAPE.definition(definition);
    this.what = what;
    this.pattern = Pattern.compile(shape.keyword("pattern"));
    this.remedy = shape.keyword("patternErrorMessage");
  }

  /** Text of this form; null where the key is absent, or where another value is reported. */
  @Nullable String of(Fields fields, String key) {
    Scalar text = fields.text(key);
    return text != null && fits(text, fields.problems()) ? text.text() : null;
  }

  /** The {@code scopes}, sorted; empty where absent. Invalid ones are reported. */
  static List<String> scopes(Fields fields) {
    List<Scalar> scopes = fields.texts("scopes");
    scopes.forEach(scope -> SCOPE.fits(scope, fields.problems()));
    return scopes.stream().map(Scalar::text).sorted().toList();
  }

  /** Whether the text has this form; if not, that is reported. */
  boolean fits(Scalar text, Problems problems) {
    if (pattern.matcher(text.text()).matches()) {
      return true;
    }
    problems.at(text.place(), "'" + text.text() + "' is no " + what, remedy);
    return false;
  }
}
