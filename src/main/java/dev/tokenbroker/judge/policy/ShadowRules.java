package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.expression.Evaluated;
import dev.tokenbroker.judge.expression.StepBudget;

/**
 * Tries the shadow rules of one exchange and records what each would do. It decides nothing.
 *
 * <p>A rule is judged by the code for all rules, but on a trail of its own: neither its steps nor
 * its refusal reach the trail of the exchange. All shadow rules share one {@link StepBudget}, which
 * is not that of the deciding rules. At most {@value Trail#MAX_SHADOWS} findings are kept. Of rules
 * that do not hold and of rules that would refuse, {@value #MAX_NOTES} notes each are kept, so that
 * the notes of the deciding rules find room. Confined to one call.
 */
final class ShadowRules {

  private static final int MAX_NOTES = 8;

  private final RuleDecision decision;
  private final Trail trail;
  private final StepBudget budget = StepBudget.ofShadowRules();
  private int found;
  private int rejected;
  private int explained;
  private boolean ended;

  ShadowRules(RuleDecision decision, Trail trail) {
    this.decision = decision;
    this.trail = trail;
  }

  /** Tries the next shadow rule in the order of the document. */
  void look(Rule rule) {
    if (ended || endsBefore(rule)) {
      return;
    }
    switch (rule.when().evaluate(decision.facts(), budget)) {
      case Evaluated.Value<Boolean>(Boolean held) when held -> {
        Trail own = new Trail();
        found(rule, decision.of(rule, budget, own), own);
      }
      case Evaluated.Value<Boolean> _ -> reject(rule.rejection());
      case Evaluated.Missing<Boolean>(String detail) -> reject(rule.rejection(detail));
      case Evaluated.Failed<Boolean> failed -> {
        Trail own = new Trail();
        found(rule, RuleDecision.failed(rule, failed.of("its condition"), own), own);
      }
    }
  }

  private boolean endsBefore(Rule rule) {
    if (budget.isSpent()) {
      end(rule, "the shadow rules before it took " + StepBudget.MAX_STEPS + " evaluation steps");
    } else if (found == Trail.MAX_SHADOWS) {
      end(rule, found + " shadow rules before it hold");
    }
    return ended;
  }

  private void end(Rule rule, String why) {
    ended = true;
    trail.note("shadow rule " + rule.name() + " and those after it were not tried: " + why);
  }

  private void found(Rule rule, Outcome<Grant> outcome, Trail own) {
    found++;
    switch (outcome) {
      case Outcome.Accepted<Grant> _ -> trail.shadow(new ShadowFinding(rule.name(), null));
      case Outcome.Refused<Grant>(Refusal why) -> {
        trail.shadow(new ShadowFinding(rule.name(), why.reason()));
        own.notes().forEach(detail -> explain("shadow " + detail));
        explain(
            "shadow rule %s would refuse: %s (expected: %s; got: %s)"
                .formatted(rule.name(), why.reason(), why.expected(), why.seen()));
      }
    }
  }

  private void reject(String note) {
    if (rejected++ < MAX_NOTES) {
      trail.note(note);
    }
  }

  private void explain(String note) {
    if (explained++ < MAX_NOTES) {
      trail.note(note);
    }
  }
}
