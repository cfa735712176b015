package dev.tokenbroker.operate.cases;

import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.policy.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Counts how often each rule accepted and refused. A rule refuses if it does not hold or is
 * disabled. Rules after the deciding one are not tried and not counted. Shadow rules decide nothing
 * and are not counted.
 */
public final class RuleCoverage {

  private final Map<String, Tally> tallies = new LinkedHashMap<>();
  private final Map<String, List<Rule>> rules;

  RuleCoverage(Policy policy) {
    List<Rule> deciding = policy.rules().stream().filter(rule -> !rule.shadow()).toList();
    this.rules = deciding.stream().collect(Collectors.groupingBy(Rule::audience));
    deciding.forEach(rule -> tallies.put(rule.name(), new Tally(0, 0, rule.disabled())));
  }

  /**
   * The counts of one rule.
   *
   * @param disabled whether the rule is disabled and so accepts no request
   */
  public record Tally(int accepted, int refused, boolean disabled) {

    /** Whether the cases show both an acceptance and a refusal. */
    public boolean isCovered() {
      return refused > 0 && (accepted > 0 || disabled);
    }
  }

  void count(String issuer, GrantRequest request, Judgement judgement) {
    String decider = judgement.rule();
    for (Rule rule : rules.getOrDefault(request.audience(), List.of())) {
      if (!rule.isFor(issuer)
          || (rule.client() != null && !rule.client().equals(request.client()))) {
        continue;
      }
      if (rule.name().equals(decider)) {
        boolean accepted = judgement instanceof Judgement.Granted;
        add(rule, accepted ? 1 : 0, rule.disabled() ? 1 : 0);
        return;
      }
      add(rule, 0, 1);
    }
  }

  private void add(Rule rule, int accepted, int refused) {
    tallies.computeIfPresent(
        rule.name(),
        (_, tally) ->
            new Tally(tally.accepted() + accepted, tally.refused() + refused, tally.disabled()));
  }

  /** The counts by the names of the rules, in the order of the document; none of shadow rules. */
  public Map<String, Tally> tallies() {
    return tallies;
  }

  /** The rules that are not covered. */
  public List<String> uncovered() {
    return tallies.entrySet().stream()
        .filter(rule -> !rule.getValue().isCovered())
        .map(Map.Entry::getKey)
        .toList();
  }
}
