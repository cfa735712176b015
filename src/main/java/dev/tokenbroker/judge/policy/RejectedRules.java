package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.expression.ClaimPath;
import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.SeenValue;
import dev.tokenbroker.judge.expression.StepBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one exchange whose conditions did not hold. The first {@value #MAX_NOTES} are noted
 * for operators; no trail keeps more. Confined to one call.
 */
final class RejectedRules {

  private static final int MAX_NOTES = 32;

  /** Verdicts are kept by the thousand, and an explanation is a text of its own. */
  private static final int MAX_EXPLAINED = 8;

  private final Trail trail;
  private final List<RejectedRule> rejected = new ArrayList<>();
  private @Nullable Rule missing;

  RejectedRules(Trail trail) {
    this.trail = trail;
  }

  private record RejectedRule(Rule rule, String note) {}

  /** Adds a rule whose condition is false. */
  void add(Rule rule) {
    rejected.add(new RejectedRule(rule, rule.rejection()));
  }

  /** Adds a rule whose condition reads a claim that the credential does not have. */
  void addMissing(Rule rule, String detail) {
    if (missing == null && !rule.when().uses().client()) {
      missing = rule;
    }
    rejected.add(new RejectedRule(rule, rule.rejection(detail)));
  }

  /** The first rule that reads a missing claim; null where none does. */
  @Nullable Rule missing() {
    return missing;
  }

  /** Notes the rules by name, before a decision by another rule. */
  void note() {
    rejected.stream().limit(MAX_NOTES).forEach(rule -> trail.note(rule.note()));
  }

  /** Notes the rules of a refusal: the first {@value #MAX_EXPLAINED} with what failed. */
  void explain(Facts facts, StepBudget budget) {
    for (int at = 0; at < Math.min(rejected.size(), MAX_NOTES); at++) {
      Rule rule = rejected.get(at).rule();
      List<String> failed =
          at < MAX_EXPLAINED && !budget.isSpent() ? rule.when().failed(facts, budget) : List.of();
      trail.note(failed.isEmpty() ? rejected.get(at).note() : rule.rejection(failed));
    }
  }

  /**
   * The claims of the credential that the rejected rules read, with their values. It does not tell
   * which comparison failed, and leaves out claims that the credential does not have.
   */
  String claims(Facts facts) {
    TreeSet<String> read = new TreeSet<>();
    rejected.stream()
        .limit(MAX_EXPLAINED)
        .forEach(rule -> read.addAll(rule.rule().when().uses().claims()));
    read.remove(ClaimUses.SUB);
    StringBuilder told = new StringBuilder();
    Map<String, Object> claims = facts.claims();
    for (String name : read) {
      Object value = claims.get(name);
      if (value != null) {
        told.append(", ").append(ClaimPath.of(name)).append(" is ");
        told.append(SeenValue.described(value));
      }
    }
    return told.toString();
  }
}
