package dev.tokenbroker.judge.policy;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The rules by audience and issuer, each list in the order of the document, shadow rules included.
 * Immutable.
 */
final class RuleIndex {

  private final List<Rule> all;
  private final Map<String, Map<String, List<Rule>>> byAudience = new HashMap<>();
  private final Map<String, List<Rule>> byIssuer;

  RuleIndex(Collection<Rule> rules) {
    this.all = List.copyOf(rules);
    this.byIssuer = all.stream().collect(Collectors.groupingBy(Rule::issuerName));
    all.stream()
        .collect(Collectors.groupingBy(Rule::audience, LinkedHashMap::new, Collectors.toList()))
        .forEach(
            (audience, ofAudience) ->
                byAudience.put(
                    audience,
                    ofAudience.stream().collect(Collectors.groupingBy(Rule::issuerName))));
  }

  List<Rule> all() {
    return all;
  }

  /** The same rules without shadow rules, which decide nothing. */
  RuleIndex deciding() {
    return all.stream().anyMatch(Rule::shadow)
        ? new RuleIndex(all.stream().filter(rule -> !rule.shadow()).toList())
        : this;
  }

  List<Rule> of(String issuerName, String audience) {
    return byAudience.getOrDefault(audience, Map.of()).getOrDefault(issuerName, List.of());
  }

  List<Rule> ofIssuer(String issuerName) {
    return byIssuer.getOrDefault(issuerName, List.of());
  }

  boolean hasRuleFor(String audience) {
    return byAudience.containsKey(audience);
  }
}
