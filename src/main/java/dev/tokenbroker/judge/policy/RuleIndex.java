package dev.tokenbroker.judge.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The rules by audience and issuer, each list in the order of the document, shadow rules included.
 * Immutable.
 */
final class RuleIndex {

  private final List<Rule> all;
  private final Map<String, ByIssuer> byAudience = new HashMap<>();
  private final ByIssuer byIssuer;

  RuleIndex(Collection<Rule> rules) {
    this.all = List.copyOf(rules);
    this.byIssuer = ByIssuer.of(all);
    all.stream()
        .collect(Collectors.groupingBy(Rule::audience))
        .forEach((audience, ofAudience) -> byAudience.put(audience, ByIssuer.of(ofAudience)));
  }

  /**
   * Rules by the issuers that they are for.
   *
   * @param named the rules for each issuer that one of them names, with those for any issuer
   * @param others the rules for any issuer
   */
  private record ByIssuer(Map<String, List<Rule>> named, List<Rule> others) {

    static final ByIssuer NONE = new ByIssuer(Map.of(), List.of());

    static ByIssuer of(List<Rule> rules) {
      Map<String, List<Rule>> named = new HashMap<>();
      rules.stream()
          .filter(rule -> !rule.issuerName().isEmpty())
          .forEach(rule -> named.computeIfAbsent(rule.issuerName(), _ -> new ArrayList<>()));
      for (Rule rule : rules) {
        if (rule.issuerName().isEmpty()) {
          named.values().forEach(ofIssuer -> ofIssuer.add(rule));
        } else {
          Objects.requireNonNull(named.get(rule.issuerName())).add(rule);
        }
      }
      return new ByIssuer(
          named, rules.stream().filter(rule -> rule.issuerName().isEmpty()).toList());
    }

    List<Rule> of(String issuerName) {
      return named.getOrDefault(issuerName, others);
    }
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

  /** The rules to try. Most issuers and targets have no rule for a client. */
  List<Rule> of(Facts facts) {
    List<Rule> rules = ofAnyClient(facts);
    for (Rule rule : rules) {
      if (rule.client() != null) {
        return rules.stream().filter(each -> admits(each, facts)).toList();
      }
    }
    return rules;
  }

  /** The rules for other clients. */
  List<Rule> ofOtherClients(Facts facts) {
    return ofAnyClient(facts).stream().filter(rule -> !admits(rule, facts)).toList();
  }

  private List<Rule> ofAnyClient(Facts facts) {
    return byAudience.getOrDefault(facts.audience(), ByIssuer.NONE).of(facts.issuerName());
  }

  private static boolean admits(Rule rule, Facts facts) {
    return rule.client() == null || rule.client().equals(facts.client());
  }

  /** The rules for the issuer and the client, whatever the audience. */
  List<Rule> ofAnyAudience(Facts facts) {
    return byIssuer.of(facts.issuerName()).stream().filter(rule -> admits(rule, facts)).toList();
  }

  boolean hasRuleFor(String audience) {
    return byAudience.containsKey(audience);
  }
}
