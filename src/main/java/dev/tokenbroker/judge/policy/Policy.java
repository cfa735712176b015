package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.ProvedKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The targets and rules of one federation, and the decision which identity may have which target.
 *
 * <p>The rules for the identity's issuer, the client and the requested audience are tried in the
 * order of the document. The first whose condition holds decides. There is no fall-through to a
 * later rule when it is disabled, its terms cannot be evaluated or it does not grant the scopes. A
 * condition that reads a missing claim does not hold. A condition that fails otherwise ends the
 * evaluation: if it were skipped, an identity could bypass a disabled rule by the shape of its
 * claims. The end of the {@link StepBudget} ends the evaluation, too.
 *
 * <p>A shadow rule never decides. If it comes before the deciding rule, {@link ShadowRules} records
 * what it would do.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class Policy {

  private final Map<String, Target> targets;
  private final RuleIndex rules;
  private final NearMisses nearMisses;
  private final Map<String, String> defaults;

  private Policy(Map<String, Target> targets, RuleIndex rules, Map<String, String> defaults) {
    this.targets = targets;
    this.rules = rules;
    this.defaults = Map.copyOf(defaults);
    this.nearMisses = new NearMisses(targets.values(), rules.deciding());
  }

  /** Makes a policy; {@link Target#OPERATORS} is always among its targets. */
  public static Policy of(List<Target> targets, List<Rule> rules) {
    return of(targets, rules, Map.of());
  }

  /**
   * As {@link #of(List, List)}.
   *
   * @param defaults the target of requests that name none, by the name of the issuer
   */
  public static Policy of(List<Target> targets, List<Rule> rules, Map<String, String> defaults) {
    Map<String, Target> byAudience = new LinkedHashMap<>();
    targets.forEach(target -> byAudience.put(target.audience(), target));
    byAudience.putIfAbsent(Target.OPERATORS_AUDIENCE, Target.OPERATORS);
    return new Policy(byAudience, new RuleIndex(rules), defaults);
  }

  /**
   * Decides. Takes the steps {@code TARGET}, {@code RULE}, {@code SCOPES} and {@code BINDING}.
   *
   * @return the grant; or a refusal: {@code TARGET_UNKNOWN}, {@code NO_RULE_MATCHED}, {@code
   *     CLIENT_NOT_ADMITTED}, {@code RULE_DISABLED}, {@code RULE_EVALUATION_FAILED}, {@code
   *     SCOPE_NOT_GRANTED}, {@code CERTIFICATE_REQUIRED}, {@code DPOP_PROOF_REQUIRED}
   */
  public Outcome<Grant> authorise(
      VerifiedIdentity identity, GrantRequest request, Instant now, Trail trail) {
    Target target = targets.get(request.audience());
    if (target == null) {
      return trail.refuse(Step.TARGET, unknown(request.audience()));
    }
    trail.passed(Step.TARGET, target.audience(), target.audience());
    Facts facts = Facts.of(identity, request);
    return decide(new RuleDecision(identity, target, request, facts, now), trail);
  }

  /**
   * The binding of a token for that target and a caller with these keys: none where an upstream
   * makes it (RFC 9449 section 5 permits this response to a proof), or where there is no such
   * target. {@link #authorise} decides whether the binding is sufficient.
   */
  public Binding binding(String audience, ProvedKeys keys) {
    if (keys.isEmpty()) {
      return Binding.none();
    }
    Target target = targets.get(audience);
    return target == null ? Binding.none() : RuleDecision.demand(target.supply()).choose(keys);
  }

  /** The request with the binding of a token for a caller with these keys. */
  public GrantRequest bound(GrantRequest request, ProvedKeys keys) {
    return keys.isEmpty() ? request : request.boundTo(binding(request.audience(), keys));
  }

  /** The target of requests that name none; null if the issuer has no such target. */
  public @Nullable String defaultAudience(String issuerName) {
    return defaults.get(issuerName);
  }

  /** Whether any issuer has a target for requests that name none. */
  public boolean hasDefaults() {
    return !defaults.isEmpty();
  }

  /** All targets, including {@link Target#OPERATORS}. */
  public Collection<Target> targets() {
    return targets.values();
  }

  /** All rules in the order of the document. */
  public List<Rule> rules() {
    return rules.all();
  }

  /** What a rule and its target read of an identity. */
  public List<ClaimUses> uses(Rule rule) {
    Optional<ClaimUses> more =
        Optional.ofNullable(targets.get(rule.audience())).flatMap(Target::uses);
    return Stream.concat(rule.uses().stream(), more.stream()).toList();
  }

  /** The file of the rule of that name; null for null, and if the document has only one file. */
  public @Nullable String fileOf(@Nullable String rule) {
    return rule == null ? null : rules.fileOf(rule);
  }

  private Refusal unknown(String audience) {
    Refusal refusal =
        Refusal.of(RefusalReason.TARGET_UNKNOWN).expected("a declared target").seen(audience);
    return nearMisses.ofTarget(audience).map(refusal::hint).orElse(refusal);
  }

  private Outcome<Grant> decide(RuleDecision decision, Trail trail) {
    Facts facts = decision.facts();
    StepBudget budget = StepBudget.ofRules();
    RejectedRules rejected = new RejectedRules(trail);
    ShadowRules shadows = null; // most issuers and targets have none
    for (Rule rule : rules.of(facts)) {
      if (rule.shadow()) {
        shadows = shadows == null ? new ShadowRules(decision, trail) : shadows;
        shadows.look(rule);
        continue;
      }
      switch (rule.when().evaluate(facts, budget)) {
        case Evaluated.Value<Boolean>(Boolean held) when held -> {
          rejected.note();
          return decision.of(rule, budget, trail);
        }
        case Evaluated.Value<Boolean> _ -> rejected.add(rule);
        case Evaluated.Missing<Boolean>(String detail) -> rejected.addMissing(rule, detail);
        case Evaluated.Failed<Boolean> failed -> {
          rejected.note();
          return RuleDecision.failed(rule, failed.of("its condition"), trail);
        }
      }
    }
    return trail.refuse(Step.RULE, noneMatched(facts, budget, rejected));
  }

  private Refusal noneMatched(Facts facts, StepBudget budget, RejectedRules rejected) {
    List<Rule> others = nearMisses.ofOtherClients(facts, budget);
    Refusal refusal =
        Refusal.of(
                others.isEmpty()
                    ? RefusalReason.NO_RULE_MATCHED
                    : RefusalReason.CLIENT_NOT_ADMITTED)
            .expected(RuleDecision.ADMITTED)
            .seen("sub " + facts.subject() + by(facts.client()) + rejected.claims(facts));
    for (Rule rule : others) {
      refusal =
          refusal.hint("Rule " + rule.name() + " admits it for client " + rule.client() + ".");
    }
    rejected.explain(facts, budget);
    for (String hint : nearMisses.ofRules(facts, rejected.missing(), budget)) {
      refusal = refusal.hint(hint);
    }
    return refusal;
  }

  private static String by(@Nullable String client) {
    return client == null ? "" : " by client " + client;
  }

  /**
   * The request of an identity.
   *
   * @param audience the target
   * @param scopes the requested scopes; if empty, all that are granted
   * @param lifetime the longest lifetime requested; null for the target's own
   * @param binding the binding of a token for this caller: {@link Policy#binding}
   * @param client the name of the client that has proved itself; null if none has
   */
  public record GrantRequest(
      String audience,
      Set<String> scopes,
      @Nullable Duration lifetime,
      Binding binding,
      @Nullable String client) {

    public GrantRequest {
      scopes = Set.copyOf(scopes);
    }

    /** A request of a caller without a key. */
    public GrantRequest(String audience, Set<String> scopes, @Nullable Duration lifetime) {
      this(audience, scopes, lifetime, Binding.none(), null);
    }

    /** The same request by that client. */
    public GrantRequest by(@Nullable String known) {
      return known == null ? this : new GrantRequest(audience, scopes, lifetime, binding, known);
    }

    /** The same request for that target. */
    public GrantRequest to(String target) {
      return new GrantRequest(target, scopes, lifetime, binding, client);
    }

    /** The same request with that binding. */
    public GrantRequest boundTo(Binding key) {
      return new GrantRequest(audience, scopes, lifetime, key, client);
    }
  }
}
