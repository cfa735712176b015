package dev.tokenbroker.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a refused request nearly was: hints for people, never part of a decision.
 *
 * <p>A caller sees them once its credential is verified. So they name targets and rules, but no
 * condition, no claim that a condition reads and no value that would satisfy it. A refusal must not
 * cost more than a grant many times over: at most {@value #MAX_TRIES} conditions are run for them.
 */
final class NearMisses {

  private static final int MAX_TRIES = 32;

  private final Map<String, String> audienceBySpelling = new HashMap<>();
  private final RuleIndex rules;

  NearMisses(Collection<Target> targets, RuleIndex rules) {
    this.rules = rules;
    targets.forEach(
        target -> audienceBySpelling.putIfAbsent(spelling(target.audience()), target.audience()));
  }

  /** The target that differs from this one, which does not exist, only by case or slashes. */
  Optional<String> ofTarget(String audience) {
    return Optional.ofNullable(audienceBySpelling.get(spelling(audience)));
  }

  /** Why no rule may have admitted the identity, most telling first. */
  List<String> ofRules(Facts facts) {
    String issuer = facts.issuerName();
    String audience = facts.audience();
    List<String> hints = new ArrayList<>();
    if (rules.of(issuer, audience).isEmpty()) {
      hints.add(
          rules.hasRuleFor(audience)
              ? "No rule for this target is for the issuer " + issuer + "; its rules name others."
              : "No rule is for this target.");
    }
    Tries tries = new Tries();
    otherSubject(rules.of(issuer, audience), facts, tries).ifPresent(hints::add);
    missingClaim(rules.of(issuer, audience), facts, tries).ifPresent(hints::add);
    otherTarget(rules.ofIssuer(issuer), facts, tries).ifPresent(hints::add);
    return hints;
  }

  private static Optional<String> otherSubject(List<Rule> candidates, Facts facts, Tries tries) {
    for (Rule rule : candidates) {
      for (SubjectForms.Form form :
          SubjectForms.others(facts.subject(), facts.claims(), rule.when().texts())) {
        if (tries.left() && rule.when().holds(facts.supposing(form.subject()))) {
          return Optional.of(
              "Rule "
                  + rule.name()
                  + " would hold if sub were written "
                  + form.description()
                  + ".");
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> missingClaim(List<Rule> candidates, Facts facts, Tries tries) {
    for (Rule rule : candidates) {
      if (tries.left() && rule.when().evaluate(facts) instanceof Evaluation.Missing<Boolean>) {
        return Optional.of(
            "Rule " + rule.name() + " reads a claim that this credential does not have.");
      }
    }
    return Optional.empty();
  }

  private static Optional<String> otherTarget(List<Rule> candidates, Facts facts, Tries tries) {
    for (Rule rule : candidates) {
      if (!rule.audience().equals(facts.audience())
          && !rule.disabled()
          && tries.left()
          && rule.when().holds(facts.askingFor(rule.audience()))) {
        return Optional.of(
            "Rule " + rule.name() + " admits this identity to the target " + rule.audience() + ".");
      }
    }
    return Optional.empty();
  }

  private static String spelling(String audience) {
    String lower = audience.toLowerCase(Locale.ROOT).strip();
    int end = lower.length();
    while (end > 0 && lower.charAt(end - 1) == '/') {
      end--;
    }
    return lower.substring(0, end);
  }

  /** What is left of the conditions that may be run. */
  private static final class Tries {

    private int used;

    boolean left() {
      return used++ < MAX_TRIES;
    }
  }
}
