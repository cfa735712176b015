package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.expression.Evaluated;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.StepBudget;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.BindingDemand;
import dev.tokenbroker.judge.target.Target;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The decision of a rule whose condition holds about one request: a grant or a refusal.
 *
 * @param facts what expressions read of the identity and the request
 * @param now the time of the request
 */
record RuleDecision(
    VerifiedIdentity identity, Target target, GrantRequest request, Facts facts, Instant now) {

  /** What the step {@code RULE} expects, in words. */
  static final String ADMITTED = "a rule that admits the identity";

  /** Decides by that rule. Takes the steps {@code RULE}, {@code SCOPES} and {@code BINDING}. */
  Outcome<Grant> of(Rule rule, StepBudget budget, Trail trail) {
    trail.rule(rule.name());
    if (rule.disabled()) {
      return trail.refuse(
          Step.RULE, Refusal.of(RefusalReason.RULE_DISABLED).expected(ADMITTED).seen(rule.name()));
    }
    return entitle(rule, budget, trail).then(given -> grant(rule, given, trail));
  }

  /** The refusal for a rule without a value for one of its expressions. */
  static <T> Outcome<T> failed(Rule rule, Evaluated.Failed<?> failed, Trail trail) {
    trail.rule(rule.name());
    if (!failed.detail().isEmpty()) {
      trail.note("rule " + rule.name() + " failed: " + failed.detail());
    }
    return trail.refuse(
        Step.RULE,
        Refusal.of(RefusalReason.RULE_EVALUATION_FAILED)
            .expected("a rule that can be evaluated")
            .seen("rule " + rule.name() + ": " + failed.why()));
  }

  private Outcome<Terms.Given> entitle(Rule rule, StepBudget budget, Trail trail) {
    return switch (rule.terms().evaluate(target.supply(), facts, budget)) {
      case Evaluated.Value<Terms.Given>(Terms.Given given) -> {
        trail.passed(Step.RULE, ADMITTED, rule.name());
        yield Outcome.accepted(given);
      }
      case Evaluated.Missing<Terms.Given>(String detail) ->
          failed(rule, new Evaluated.Failed<>("reads a claim that is missing", detail), trail);
      case Evaluated.Failed<Terms.Given> failed -> failed(rule, failed, trail);
    };
  }

  private Outcome<Grant> grant(Rule rule, Terms.Given given, Trail trail) {
    return scopes(rule, trail)
        .then(
            scopes ->
                bound(trail)
                    .map(
                        binding ->
                            new Grant(
                                target.audience(),
                                rule.name(),
                                given.subject(),
                                request.client(),
                                scopes,
                                given.claims(),
                                given.supply().within(scopes),
                                binding,
                                given.supply().lifetime(request.lifetime()),
                                rule.outlivesCredential() ? null : identity.effectiveEnd(now))));
  }

  private Outcome<List<String>> scopes(Rule rule, Trail trail) {
    List<String> granted = rule.terms().scopes();
    String expected = String.join(" ", granted);
    if (request.scopes().isEmpty()) {
      trail.passed(Step.SCOPES, expected, expected);
      return Outcome.accepted(granted);
    }
    List<String> scopes = request.scopes().stream().sorted().toList();
    List<String> ungranted = scopes.stream().filter(scope -> !granted.contains(scope)).toList();
    if (!ungranted.isEmpty()) {
      return trail.refuse(
          Step.SCOPES,
          Refusal.of(RefusalReason.SCOPE_NOT_GRANTED)
              .expected(granted.isEmpty() ? "no scope" : expected)
              .seen(String.join(" ", ungranted)));
    }
    trail.passed(Step.SCOPES, expected, String.join(" ", scopes));
    return Outcome.accepted(scopes);
  }

  private Outcome<Binding> bound(Trail trail) {
    Binding binding = request.binding();
    BindingDemand demand = target.supply().bind();
    Optional<Refusal> unbound = demand.unmetBy(binding);
    if (unbound.isPresent()) {
      return trail.refuse(Step.BINDING, unbound.get());
    }
    trail.passed(Step.BINDING, demand.expected(), binding.description());
    return Outcome.accepted(binding);
  }
}
