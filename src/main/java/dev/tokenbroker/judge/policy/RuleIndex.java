package dev.tokenbroker.judge.policy;

import dev.tokenbroker.judge.expression.Facts;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rules by audience and issuer, each list in the order of the document, shadow rules included.
 * Safe for use by several threads.
 */
final class RuleIndex {

  private final List<Rule> all;
  private final Set<String> audiences;
  private final Map<String, String> files = new HashMap<>();

  /** Made on demand, for declared issuers and targets only. */
  private final Map<Scope, List<Rule>> scopes = new ConcurrentHashMap<>();

  /**
   * Which rules may be tried.
   *
   * @param audience null for any
   */
  private record Scope(String issuerName, @Nullable String audience) {

    boolean holds(Rule rule) {
      return rule.isFor(issuerName) && (audience == null || audience.equals(rule.audience()));
    }
  }

  RuleIndex(Collection<Rule> rules) {
    this.all = List.copyOf(rules);
    this.audiences = all.stream().map(Rule::audience).collect(Collectors.toUnmodifiableSet());
    for (Rule rule : all) {
      String file = rule.file();
      if (file != null) {
        files.put(rule.name(), file);
      }
    }
  }

  /** The file of the rule of that name; null if the document has only one. */
  @Nullable String fileOf(String rule) {
    return files.get(rule);
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
    return in(new Scope(facts.issuerName(), facts.audience()));
  }

  private List<Rule> in(Scope scope) {
    return scopes.computeIfAbsent(scope, each -> all.stream().filter(each::holds).toList());
  }

  private static boolean admits(Rule rule, Facts facts) {
    return rule.client() == null || rule.client().equals(facts.client());
  }

  /** The rules for the issuer and the client, whatever the audience. */
  List<Rule> ofAnyAudience(Facts facts) {
    return in(new Scope(facts.issuerName(), null)).stream()
        .filter(rule -> admits(rule, facts))
        .toList();
  }

  boolean hasRuleFor(String audience) {
    return audiences.contains(audience);
  }
}
