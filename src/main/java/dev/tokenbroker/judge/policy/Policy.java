package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.expression.Evaluated;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.StepBudget;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.ProvedKeys;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.judge.target.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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

  /** The same policy with these rules disabled, each in its place. */
  public Policy disabling(Predicate<Rule> disabled) {
    List<Rule> all =
        rules.all().stream().map(rule -> disabled.test(rule) ? rule.disable() : rule).toList();
    return new Policy(targets, new RuleIndex(all), defaults);
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
    if (target == null || otherKind(request) != Supply.class) {
      return trail.refuse(Step.TARGET, unknown(request.audience()));
    }
    trail.passed(Step.TARGET, target.audience(), target.audience());
    Facts facts = Facts.of(identity, request.audience(), request.client());
    return decide(new RuleDecision(identity, target, request, facts, now), trail);
  }

  /**
   * The kind of target that a caller can use, where the requested target is of another one; {@code
   * Supply} where it is not. So requests for one target share its tokens, whatever edge they use.
   */
  public Class<? extends Supply> otherKind(GrantRequest request) {
    Class<? extends Supply> kind = request.kind();
    Target target = kind == Supply.class ? null : targets.get(request.audience());
    return target == null || kind.isInstance(target.supply()) ? Supply.class : kind;
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
    return target == null ? Binding.none() : target.supply().bind().choose(keys);
  }

  /** The request with the binding of a token for a caller with these keys. */
  public GrantRequest bound(GrantRequest request, ProvedKeys keys) {
    return keys.isEmpty() ? request : request.boundTo(binding(request.audience(), keys));
  }

  /** Whether an upstream issues the tokens for that target. */
  public boolean isUpstreamed(String audience) {
    Target target = targets.get(audience);
    return target != null && target.supply().fromUpstream().isPresent();
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

  /**
   * Whether a rule for any target holds for an identity, without a look at its terms. Takes at most
   * one {@link StepBudget}: rules beyond count as if they did not hold.
   *
   * @param identity the facts of the identity, for any target
   */
  public boolean admits(Facts identity) {
    StepBudget budget = StepBudget.ofRules();
    return rules.ofAnyAudience(identity).stream()
        .filter(rule -> !rule.shadow())
        .takeWhile(_ -> !budget.isSpent())
        .anyMatch(rule -> rule.when().holds(identity.askingFor(rule.audience()), budget));
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
   * @param kind the kind of target that the caller can use; any other one is unknown to it
   * @param scopes the requested scopes; if empty, all that are granted
   * @param lifetime the longest lifetime requested; null for the target's own
   * @param binding the binding of a token for this caller: {@link Policy#binding}
   * @param client the name of the client that has proved itself; null if none has
   */
  public record GrantRequest(
      String audience,
      Class<? extends Supply> kind,
      Set<String> scopes,
      @Nullable Duration lifetime,
      Binding binding,
      @Nullable String client) {

    public GrantRequest {
      scopes = Set.copyOf(scopes);
    }

    /** A request of a caller without a key, for a target of any kind. */
    public GrantRequest(String audience, Set<String> scopes, @Nullable Duration lifetime) {
      this(audience, Supply.class, scopes, lifetime, Binding.none(), null);
    }

    /** The same request for a target of that kind. */
    public GrantRequest of(Class<? extends Supply> supply) {
      return new GrantRequest(audience, supply, scopes, lifetime, binding, client);
    }

    /** The same request by that client. */
    public GrantRequest by(@Nullable String known) {
      return known == null
          ? this
          : new GrantRequest(audience, kind, scopes, lifetime, binding, known);
    }

    /** The same request for that target. */
    public GrantRequest to(String target) {
      return new GrantRequest(target, kind, scopes, lifetime, binding, client);
    }

    /** The same request with that binding. */
    public GrantRequest boundTo(Binding key) {
      return new GrantRequest(audience, kind, scopes, lifetime, key, client);
    }
  }
}
