package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.text.EditDistance;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.StepBudget;
import dev.tokenbroker.judge.target.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a refused request nearly was: hints for people, never part of a decision.
 *
 * <p>A caller sees them once its credential is verified. So they name targets and rules, but no
 * condition, no claim that a condition reads and no value that would satisfy it. A refusal must not
 * cost many times more than a grant: each kind of hint runs at most {@value #MAX_TRIES} conditions,
 * all within the {@link StepBudget} of the exchange, and compares at most {@value #MAX_TEXTS}
 * constants.
 */
final class NearMisses {

  private static final int MAX_TRIES = 12;
  private static final int MAX_TEXTS = 2000;
  private static final int MAX_EDITS = 2;
  private static final int MAX_TARGET_CHARS = 64;

  private final Map<String, String> audienceBySpelling = new HashMap<>();
  private final RuleIndex rules;

  /**
   * @param rules the rules that can decide: a hint names no shadow rule
   */
  NearMisses(Collection<Target> targets, RuleIndex rules) {
    this.rules = rules;
    targets.forEach(
        target -> audienceBySpelling.putIfAbsent(spelling(target.audience()), target.audience()));
  }

  /** The target that the caller probably meant, as a hint. */
  Optional<String> ofTarget(String audience) {
    String written = spelling(audience);
    String same = audienceBySpelling.get(written);
    if (same != null) {
      return Optional.of(
          "The target "
              + same
              + " differs only by letter case, by blanks around it or by trailing slashes.");
    }
    return closest(written).map(target -> "Did you mean the target " + target + "?");
  }

  /** The target within {@value #MAX_EDITS} edits; no short name, which would be near too many. */
  private Optional<String> closest(String written) {
    if (written.length() <= 2 * MAX_EDITS || written.length() > MAX_TARGET_CHARS) {
      return Optional.empty();
    }
    return audienceBySpelling.entrySet().stream()
        .map(
            target ->
                Map.entry(
                    EditDistance.upTo(MAX_EDITS, written, target.getKey()), target.getValue()))
        .filter(target -> target.getKey() <= MAX_EDITS)
        .min(Map.Entry.<Integer, String>comparingByKey().thenComparing(Map.Entry::getValue))
        .map(Map.Entry::getValue);
  }

  /** The first rules that would admit the identity by another client. */
  List<Rule> ofOtherClients(Facts facts, StepBudget budget) {
    return rules.ofOtherClients(facts).stream()
        .filter(rule -> !rule.disabled())
        .limit(MAX_TRIES)
        .filter(rule -> rule.when().holds(facts, budget))
        .limit(2)
        .toList();
  }

  /**
   * Reasons why no rule admitted the identity, most telling first.
   *
   * @param missing the first rule that read a claim which the credential does not have; null where
   *     none did
   * @param budget the rest of the exchange's budget
   */
  List<String> ofRules(Facts facts, @Nullable Rule missing, StepBudget budget) {
    String issuer = facts.issuerName();
    String audience = facts.audience();
    List<Rule> candidates = rules.of(facts);
    List<String> hints = new ArrayList<>();
    if (candidates.isEmpty() && rules.ofOtherClients(facts).isEmpty()) {
      hints.add(
          rules.hasRuleFor(audience)
              ? "No rule for this target is for the issuer " + issuer + "; its rules name others."
              : "No rule is for this target.");
    }
    otherSubject(candidates, facts, budget).ifPresent(hints::add);
    if (missing != null) {
      hints.add("Rule " + missing.name() + " reads a claim that this credential does not have.");
    }
    otherTarget(rules.ofAnyAudience(facts), facts, budget).ifPresent(hints::add);
    return hints;
  }

  private static Optional<String> otherSubject(
      List<Rule> candidates, Facts facts, StepBudget budget) {
    SubjectForms forms = SubjectForms.of(facts.subject(), facts.claims());
    return writtenOut(candidates, forms, facts, budget)
        .or(() -> usual(candidates, forms, facts, budget));
  }

  /** A rule with another form of the subject in its condition, at any place in the order. */
  private static Optional<String> writtenOut(
      List<Rule> candidates, SubjectForms forms, Facts facts, StepBudget budget) {
    int tries = 0;
    int texts = 0;
    for (Rule rule : candidates) {
      for (String text : rule.when().texts()) {
        Optional<SubjectForms.Form> form = forms.writtenAs(text);
        if (form.isPresent() && rule.when().holds(facts.supposing(form.get().subject()), budget)) {
          return Optional.of(wouldHold(rule, form.get()));
        }
        if ((form.isPresent() && ++tries == MAX_TRIES) || ++texts == MAX_TEXTS) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /** One of the first rules, with a form of the subject that its condition need not contain. */
  private static Optional<String> usual(
      List<Rule> candidates, SubjectForms forms, Facts facts, StepBudget budget) {
    List<Facts> supposed =
        forms.usual().stream().map(form -> facts.supposing(form.subject())).toList();
    int tries = 0;
    for (Rule rule : supposed.isEmpty() ? List.<Rule>of() : candidates) {
      for (int at = 0; at < supposed.size(); at++) {
        if (tries++ == MAX_TRIES) {
          return Optional.empty();
        }
        if (rule.when().holds(supposed.get(at), budget)) {
          return Optional.of(wouldHold(rule, forms.usual().get(at)));
        }
      }
    }
    return Optional.empty();
  }

  private static String wouldHold(Rule rule, SubjectForms.Form form) {
    return "Rule " + rule.name() + " would hold if sub were written " + form.description() + ".";
  }

  private static Optional<String> otherTarget(
      List<Rule> candidates, Facts facts, StepBudget budget) {
    int tries = 0;
    for (Rule rule : candidates) {
      if (rule.audience().equals(facts.audience()) || rule.disabled()) {
        continue;
      }
      if (tries++ == MAX_TRIES) {
        return Optional.empty();
      }
      if (rule.when().holds(facts.askingFor(rule.audience()), budget)) {
        return Optional.of(
            "Rule " + rule.name() + " admits this identity to the target " + rule.audience() + ".");
      }
    }
    return Optional.empty();
  }

  private static String spelling(String audience) {
    return audience.toLowerCase(Locale.ROOT).strip().replaceFirst("/+$", "");
  }
}
