package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import java.util.regex.Pattern;

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
    Shape shape = Shape.FEDERATION.definition(definition);
    this.what = what;
    this.pattern = Pattern.compile(shape.keyword("pattern"));
    this.remedy = shape.keyword("patternErrorMessage");
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
