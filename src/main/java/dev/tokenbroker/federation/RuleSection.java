package dev.tokenbroker.federation;

import dev.tokenbroker.federation.Yaml.Mapping;
import dev.tokenbroker.federation.Yaml.Scalar;
import dev.tokenbroker.policy.Compiled;
import dev.tokenbroker.policy.Condition;
import dev.tokenbroker.policy.Expression;
import dev.tokenbroker.policy.Expressions;
import dev.tokenbroker.policy.Rule;
import dev.tokenbroker.policy.Terms;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and judges the entries of {@code rules}. */
final class RuleSection {

  static final int MAX_RULES = 10_000;
  static final int MAX_SCOPES = 64;
  static final int MAX_CLAIMS = 32;

  private static final SequencedSet<String> KEYS =
      new LinkedHashSet<>(
          List.of(
              "name",
              "issuer",
              "when",
              "audience",
              "subject",
              "scopes",
              "claims",
              "disabled",
              "outliveCredential"));
  private static final String CEL_REMEDY =
      "Correct the CEL expression; it may read claims, issuer, subject and audience.";

  private final Expressions expressions;
  private final Set<String> issuers;
  private final Set<String> audiences;
  private final Problems problems;
  private final Map<String, Place> names = new HashMap<>();

  RuleSection(
      Expressions expressions, Set<String> issuers, Set<String> audiences, Problems problems) {
    this.expressions = expressions;
    this.issuers = issuers;
    this.audiences = audiences;
    this.problems = problems;
  }

  /** Empty where the entry has problems. */
  Optional<Rule> read(Mapping entry) {
    int before = problems.count();
    Fields fields = new Fields("a rule", entry, KEYS, problems);
    String name = name(fields);
    String issuer = reference(fields, "issuer", issuers, "Name a declared issuer.");
    String audience =
        reference(fields, "audience", audiences, "Name the audience of a declared target.");
    Condition when = condition(fields);
    Terms terms = terms(fields);
    boolean disabled = fields.flag("disabled");
    if (problems.count() > before
        || name == null
        || issuer == null
        || audience == null
        || when == null) {
      return Optional.empty();
    }
    return Optional.of(new Rule(name, issuer, audience, when, terms, disabled));
  }

  private @Nullable String name(Fields fields) {
    Scalar name = fields.required("name", "Give it a short name; verdicts and the log show it.");
    if (name == null) {
      return null;
    }
    if (!Syntax.isName(name.text())) {
      problems.at(name.place(), "'" + name.text() + "' is no name", Syntax.NAME_REMEDY);
      return null;
    }
    Place first = names.putIfAbsent(name.text(), name.place());
    if (first != null) {
      problems.at(
          name.place(),
          "a rule of the name '" + name.text() + "' is already declared at " + first,
          "Give each rule a name of its own.");
    }
    return name.text();
  }

  private @Nullable String reference(
      Fields fields, String key, Collection<String> declared, String remedy) {
    Scalar text = fields.required(key, remedy);
    if (text == null || declared.contains(text.text())) {
      return text == null ? null : text.text();
    }
    String kind = key.equals("issuer") ? "issuer" : "target";
    problems.at(
        text.place(),
        "no " + kind + " '" + text.text() + "' is declared",
        Spelling.remedy(text.text(), declared, remedy));
    return null;
  }

  private @Nullable Condition condition(Fields fields) {
    if (!fields.has("when")) {
      fields.lacks(
          "when", "Say in CEL which identities it is for; \"true\" is every one of the issuer.");
    }
    Scalar text = fields.expression("when");
    return text == null ? null : compiled("'when'", text, expressions.condition(text.text()));
  }

  private Terms terms(Fields fields) {
    Scalar subject = fields.expression("subject");
    Expression subjectExpression =
        subject == null
            ? null
            : compiled("'subject'", subject, expressions.subject(subject.text()));
    return new Terms(
        subjectExpression, scopes(fields), claims(fields), fields.flag("outliveCredential"));
  }

  private List<String> scopes(Fields fields) {
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
    return scopes.stream().map(Scalar::text).toList();
  }

  private Map<String, Expression> claims(Fields fields) {
    Mapping mapping = fields.mapping("claims");
    if (mapping == null) {
      return Map.of();
    }
    if (mapping.entries().size() > MAX_CLAIMS) {
      problems.at(
          fields.placeOf("claims"),
          "'claims' has more than " + MAX_CLAIMS + " entries",
          "Remove some of them.");
      return Map.of();
    }
    SequencedSet<String> names = new LinkedHashSet<>(mapping.entries().keySet());
    Fields claims = new Fields("'claims'", mapping, names, problems);
    Map<String, Expression> compiled = new HashMap<>();
    for (String name : names) {
      Expression expression = claim(claims, name);
      if (expression != null) {
        compiled.put(name, expression);
      }
    }
    return compiled;
  }

  private @Nullable Expression claim(Fields claims, String name) {
    if (Terms.RESERVED_CLAIMS.contains(name)) {
      problems.at(
          claims.placeOf(name),
          "the claim '" + name + "' is reserved",
          "Use another name; sub is set by 'subject' and scope by 'scopes'.");
      return null;
    }
    if (!Syntax.isClaimName(name)) {
      problems.at(
          claims.placeOf(name),
          "'" + name + "' is no name of a claim",
          "Use printable ASCII characters without blanks, at most 128.");
      return null;
    }
    Scalar text = claims.expression(name);
    return text == null
        ? null
        : compiled("the claim '" + name + "'", text, expressions.claim(text.text()));
  }

  private <T> @Nullable T compiled(String what, Scalar text, Compiled<T> result) {
    return switch (result) {
      case Compiled.Ok<T>(T value) -> value;
      case Compiled.Bad<T>(List<Compiled.Mistake> mistakes) -> {
        for (Compiled.Mistake mistake : mistakes) {
          problems.at(
              text.placeOf(mistake.line()),
              what + ", " + position(text, mistake) + ": " + mistake.message(),
              CEL_REMEDY);
        }
        yield null;
      }
    };
  }

  private static String position(Scalar text, Compiled.Mistake mistake) {
    String column = "column " + mistake.column();
    return text.text().stripTrailing().contains("\n")
        ? "line " + mistake.line() + ", " + column
        : column;
  }
}
