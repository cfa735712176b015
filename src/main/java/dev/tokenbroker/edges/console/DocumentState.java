package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.edges.console.RuleHits.RuleUse;
import dev.tokenbroker.evaluate.federation.FederationStatus;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.operate.candidate.Candidate;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Describes the federation document, its rules and its candidate for the line of the state. */
@Singleton
final class DocumentState {

  /** How many rules are shown. */
  static final int MAX_RULES = 500;

  /** How many problems of the document are shown. */
  static final int MAX_PROBLEMS = 20;

  private final Federations federations;
  private final Candidate candidate;
  private final RuleHits hits;

  DocumentState(Federations federations, Candidate candidate, RuleHits hits) {
    this.federations = federations;
    this.candidate = candidate;
    this.hits = hits;
  }

  /** The federation in force; empty if none is. */
  Optional<Federation> inForce() {
    return federations.current();
  }

  /** Adds the revision, when it was loaded, and the problems of the document on disk. */
  void describe(Map<String, Object> members) {
    FederationStatus status = federations.status();
    JsonBytes.putUnlessEmpty(members, "revision", status.revision());
    if (status.loadedAt() != null) {
      members.put("loaded_time", status.loadedAt().toString());
    }
    JsonBytes.putUnlessEmpty(
        members,
        "problems",
        status.problems().stream().limit(MAX_PROBLEMS).map(Problem::toString).toList());
  }

  /** Adds the revision of the candidate, if there is one. */
  void describeCandidate(Map<String, Object> members) {
    Federation other = candidate.status().federation();
    if (other != null) {
      members.put("candidate_revision", other.revision());
    }
  }

  /** The first {@value #MAX_RULES} rules, in the order of the document. */
  List<Map<String, Object>> rules(List<Rule> rules) {
    return rules.stream().limit(MAX_RULES).map(this::rule).toList();
  }

  private Map<String, Object> rule(Rule rule) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", rule.name());
    JsonBytes.putUnlessEmpty(members, "issuer", rule.issuerName());
    JsonBytes.putUnlessEmpty(members, "client", rule.client());
    members.put("target", rule.audience());
    if (rule.disabled()) {
      members.put("disabled", true);
    }
    if (rule.shadow()) {
      members.put("shadow", true);
    }
    RuleUse use = hits.use(rule);
    members.put("hits", use.hits());
    Instant last = use.last();
    if (last != null) {
      members.put("last_use_time", last.toString());
    }
    return members;
  }
}
