package dev.tokenbroker.operate.lint;

import dev.tokenbroker.judge.expression.ConditionShape;
import dev.tokenbroker.judge.expression.Conjunct;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A rule with the facts that the lint needs.
 *
 * @param issuer the issuer; null if the rule names only a client
 * @param known the issuer, if many tenants share it; otherwise null
 * @param possible the alternatives of the condition that can hold; null if there are too many
 */
record LintedRule(
    Rule rule,
    @Nullable TrustedIssuer issuer,
    ConditionShape shape,
    @Nullable KnownIssuer known,
    @Nullable List<Set<Conjunct>> possible) {

  static LintedRule of(Rule rule, @Nullable TrustedIssuer issuer) {
    ConditionShape shape = rule.when().shape();
    List<Set<Conjunct>> alternatives = shape.alternatives();
    return new LintedRule(
        rule,
        issuer,
        shape,
        issuer == null ? null : KnownIssuer.of(issuer.issuer()).orElse(null),
        alternatives == null
            ? null
            : alternatives.stream().filter(parts -> contradiction(parts).isEmpty()).toList());
  }

  /** Finds two parts that cannot hold together. */
  static Optional<List<Conjunct>> contradiction(Set<Conjunct> parts) {
    List<Conjunct> all = new ArrayList<>(parts);
    for (int at = 0; at < all.size(); at++) {
      for (int before = 0; before < at; before++) {
        if (Implications.contradict(all.get(before), all.get(at))) {
          return Optional.of(List.of(all.get(before), all.get(at)));
        }
      }
    }
    return Optional.empty();
  }

  /** Returns an alternative as text. */
  static String text(Set<Conjunct> parts) {
    return Findings.cut(parts.stream().map(Conjunct::toString).collect(Collectors.joining(" && ")));
  }

  String name() {
    return rule.name();
  }
}
