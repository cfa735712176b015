package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Spelling;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.TargetField.DeclaredTarget;
import dev.tokenbroker.evaluate.federation.document.TargetField.PartOfTarget;
import dev.tokenbroker.judge.expression.Condition;
import dev.tokenbroker.judge.expression.Expression;
import dev.tokenbroker.judge.expression.Expressions;
import dev.tokenbroker.judge.expression.Expressions.Compiled;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.policy.Terms;
import dev.tokenbroker.judge.target.Supply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and checks the entries of {@code rules}. */
final class RuleSection {

  private static final String CEL_REMEDY =
      "Correct the CEL expression; it may read claims, issuer, client, subject and audience.";

  private final Expressions expressions;
  private final References issuers;
  private final References clients;
  private final Set<String> signing;
  private final References targets;
  private final TargetSection section;
  private final Set<String> unsigned;
  private final Problems problems;
  private final Names names;

  /**
   * @param issuers the names of the issuers
   * @param clients the section of clients, already read
   * @param targets the section of targets, already read
   */
  RuleSection(
      Expressions expressions,
      Set<String> issuers,
      ClientSection clients,
      TargetSection targets,
      Problems problems) {
    this.expressions = expressions;
    this.issuers = new References("issuer", issuers, "Name a declared issuer.", problems);
    this.clients = new References("client", clients.names(), "Name a declared client.", problems);
    this.signing = clients.signing();
    this.targets =
        new References(
            "target", targets.audiences(), "Name the audience of a declared target.", problems);
    this.section = targets;
    this.unsigned = targets.unsigned();
    this.problems = problems;
    this.names =
        new Names("a rule", "Give it a short name; verdicts and the log show it.", problems);
  }

  /** The rule; empty where the entry has problems. */
  Optional<Rule> read(Mapping entry) {
    int before = problems.reports();
    Fields fields = new Fields("a rule", entry, DocumentReader.SHAPE.at("rules"), problems);
    String name = names.read(fields);
    String issuer = issuers.optional(fields, "issuer");
    String client = clients.optional(fields, "client");
    if (!fields.has("issuer") && !fields.has("client")) {
      fields.lacks("issuer", "Name a declared issuer, a declared client, or both.");
    }
    String audience = targets.read(fields, "audience");
    if (audience != null && unsigned.contains(audience)) {
      refuseContent(fields, audience);
    }
    DeclaredTarget target = audience == null ? null : section.declared(audience);
    Condition when = condition(fields);
    boolean own = issuer == null && client != null && signing.contains(client);
    Terms terms = terms(fields, own, target, audience);
    if (audience != null && target != null) {
      target
          .supply()
          .fromUpstream()
          .map(Supply.Upstreamed::fixedLife)
          .ifPresent(life -> demandLife(fields, audience, life, terms));
    }
    boolean disabled = fields.flag("disabled");
    boolean shadow = fields.flag("shadow");
    if (problems.reports() > before || name == null || audience == null || when == null) {
      return Optional.empty();
    }
    String named = issuer == null ? "" : issuer;
    Rule rule = new Rule(name, named, audience, when, terms, disabled).by(client);
    return Optional.of(shadow ? rule.inShadow() : rule);
  }

  /** Refuses a rule that does not allow what each of its tokens does. */
  private static void demandLife(Fields fields, String audience, Duration life, Terms terms) {
    if (!terms.outlivesCredential()) {
      fields.report(
          "outliveCredential",
          "tokens for %s live for %d minutes, whatever is left of the credential"
              .formatted(audience, life.toMinutes()),
          "Say outliveCredential: true if they may outlive it; else another kind of target fits.");
    }
  }

  /** Refuses keys for the content of an upstream's token, which the upstream decides. */
  private void refuseContent(Fields fields, String audience) {
    for (String key : List.of("subject", "claims")) {
      if (fields.has(key)) {
        fields.report(
            key,
            "'" + key + "' has no effect, since the tokens for " + audience + " are exchanged",
            "Remove it: the upstream decides what its tokens say.");
      }
    }
  }

  private @Nullable Condition condition(Fields fields) {
    if (!fields.has("when")) {
      fields.lacks(
          "when", "Say in CEL which identities it is for; \"true\" is every one of the issuer.");
    }
    Scalar text = fields.expression("when");
    return text == null ? null : compiled("'when'", text, expressions.condition(text.text()));
  }

  /**
   * @param own whether a client may present its own assertion, so that the subject may be {@code
   *     client:NAME}
   * @param target null where it has problems
   */
  private Terms terms(
      Fields fields, boolean own, @Nullable DeclaredTarget target, @Nullable String audience) {
    Scalar subject = fields.expression("subject");
    Expression subjectExpression =
        subject == null
            ? null
            : compiled("'subject'", subject, expressions.subject(subject.text()));
    if (!own
        && subjectExpression != null
        && subjectExpression.prefix().startsWith(TrustedIssuer.CLIENT_PREFIX)) {
      fields.report(
          "subject",
          "'subject' begins with 'client:', which stands for clients with own keys",
          "Begin it otherwise.");
    }
    return new Terms(
        subjectExpression,
        target == null || audience == null
            ? Form.scopes(fields)
            : target.rules().scopes(fields, audience),
        fields.named(
            "claims",
            "a claim",
            "Use printable ASCII characters without blanks, at most 128.",
            this::claim),
        part(fields, target),
        fields.flag("outliveCredential"));
  }

  private @Nullable Expression part(Fields fields, @Nullable DeclaredTarget target) {
    PartOfTarget part = target == null ? null : target.rules().part(fields);
    if (target != null && part == null) {
      section.kinds().stream()
          .filter(kind -> !kind.equals(target.kind()))
          .forEach(kind -> kind.refuse(fields));
    }
    return part == null
        ? null
        : compiled(
            "'" + part.key() + "'", part.text(), expressions.list(part.key(), part.text().text()));
  }

  private @Nullable Expression claim(Fields claims, String name) {
    if (Terms.RESERVED_CLAIMS.contains(name)) {
      claims.report(
          name,
          "the claim '" + name + "' is reserved",
          "Use another name; sub is set by 'subject' and scope by 'scopes'.");
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

  /**
   * Reads the values that refer to an entry of another section.
   *
   * @param kind the kind of entry: "issuer"
   * @param declared the names of the entries
   * @param remedy the remedy if no similar name can be suggested
   */
  record References(String kind, Set<String> declared, String remedy, Problems problems) {

    /** As {@link #read}, but an absent name is no problem. */
    @Nullable String optional(Fields fields, String key) {
      return fields.has(key) ? read(fields, key) : null;
    }

    /**
     * The name; null where it is absent, which is reported. An undeclared name is reported, too.
     */
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
}
