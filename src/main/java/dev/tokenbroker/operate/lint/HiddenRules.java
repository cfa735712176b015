package dev.tokenbroker.operate.lint;

import dev.tokenbroker.judge.expression.ClaimTest;
import dev.tokenbroker.judge.expression.Conjunct;
import dev.tokenbroker.judge.policy.Rule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds rules that never decide. Either an earlier rule for the same issuer, client and target
 * always holds when they hold, or they cannot hold at all.
 *
 * <p>An earlier alternative hides a later one that implies all its parts. An earlier alternative
 * with an equality to one constant can hide only later ones with the same equality. The lookup uses
 * this equality as its key. So ten thousand rules do not need a hundred million comparisons.
 *
 * <p>A shadow rule never decides, so it hides no other rule. It can be hidden itself.
 */
final class HiddenRules {

  private static final String WHEN = "when";

  /** The lookup key of alternatives without an equality. */
  private static final Object NONE = "";

  private final Findings findings;
  private final Map<Scope, Map<Object, List<Earlier>>> earlier = new HashMap<>();

  /** The first rule with each condition, for conditions with too many alternatives. */
  private final Map<Scope, Map<String, Rule>> conditions = new HashMap<>();

  HiddenRules(Findings findings) {
    this.findings = findings;
  }

  /** The issuer, the client and the target for which rules compete. */
  private record Scope(String issuer, @Nullable String client, String audience) {}

  /** An alternative of an earlier rule. */
  private record Earlier(Rule rule, Set<Conjunct> parts) {}

  /** Checks the next rule of the document. */
  void look(LintedRule linted) {
    Rule rule = linted.rule();
    List<Set<Conjunct>> possible = linted.possible();
    Scope scope = new Scope(rule.issuerName(), rule.client(), rule.audience());
    Rule same = same(scope, linted);
    if (possible == null) {
      if (same != null) {
        warnOfHidden(rule, List.of(same));
      }
      return;
    }
    if (possible.isEmpty()) {
      warnOfContradiction(linted);
      return;
    }
    Map<Object, List<Earlier>> known = earlier.computeIfAbsent(scope, _ -> new HashMap<>());
    List<Rule> hiding =
        possible.stream()
            .map(parts -> hiding(known, parts))
            .flatMap(Optional::stream)
            .map(Earlier::rule)
            .toList();
    if (hiding.size() == possible.size()) {
      warnOfHidden(rule, hiding.stream().distinct().toList());
    }
    for (Set<Conjunct> parts : rule.shadow() ? List.<Set<Conjunct>>of() : possible) {
      known
          .computeIfAbsent(rarest(known, parts), _ -> new ArrayList<>())
          .add(new Earlier(rule, parts));
    }
  }

  /** Returns the earlier rule with the same condition; remembers this one if there is none. */
  private @Nullable Rule same(Scope scope, LintedRule linted) {
    Map<String, Rule> known = conditions.computeIfAbsent(scope, _ -> new HashMap<>());
    String condition = linted.shape().source();
    return linted.rule().shadow()
        ? known.get(condition)
        : known.putIfAbsent(condition, linted.rule());
  }

  private static Optional<Earlier> hiding(Map<Object, List<Earlier>> known, Set<Conjunct> parts) {
    return Stream.concat(
            known.getOrDefault(NONE, List.of()).stream(),
            parts.stream()
                .flatMap(part -> Stream.ofNullable(key(part)))
                .flatMap(key -> known.getOrDefault(key, List.of()).stream()))
        .filter(before -> Implications.implies(parts, before.parts()))
        .findFirst();
  }

  /** Returns the least common lookup key of an alternative; {@link #NONE} if it has no key. */
  private static Object rarest(Map<Object, List<Earlier>> known, Set<Conjunct> parts) {
    return parts.stream()
        .flatMap(part -> Stream.ofNullable(key(part)))
        .min(Comparator.comparingInt(key -> known.getOrDefault(key, List.of()).size()))
        .orElse(NONE);
  }

  private static @Nullable Object key(Conjunct part) {
    if (part.negated() || !(part.test() instanceof ClaimTest.Is is) || is.values().size() != 1) {
      return null;
    }
    Object value = is.values().getFirst();
    return List.of(is.claim(), value instanceof Number number ? number.doubleValue() : value);
  }

  private void warnOfHidden(Rule rule, List<Rule> hiding) {
    Rule first = hiding.getFirst();
    String never = rule.shadow() ? "would never decide" : "never decides";
    findings.add(
        LintCode.RULE_HIDDEN,
        rule,
        WHEN,
        hiding.size() == 1
            ? "the rule %s %s, since %s at %s holds whenever it does"
                .formatted(rule.name(), never, first.name(), findings.placeOf(first))
            : "the rule %s %s, since %s at %s or another of %d rules holds whenever it does"
                .formatted(
                    rule.name(), never, first.name(), findings.placeOf(first), hiding.size()),
        "Remove it, or move it before that rule.");
  }

  private void warnOfContradiction(LintedRule linted) {
    List<Set<Conjunct>> alternatives = linted.shape().alternatives();
    String why =
        alternatives == null
            ? ""
            : alternatives.stream()
                .flatMap(parts -> LintedRule.contradiction(parts).stream())
                .findFirst()
                .map(two -> two.getFirst() + " contradicts " + two.getLast())
                .orElse("its condition is always false");
    findings.add(
        LintCode.NEVER_HOLDS,
        linted.rule(),
        WHEN,
        "the rule %s admits nobody, since %s".formatted(linted.name(), Findings.cut(why)),
        "Correct the condition, or remove the rule.");
  }
}
