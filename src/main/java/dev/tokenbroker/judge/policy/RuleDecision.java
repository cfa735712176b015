package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.BindingDemand;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    return entitle(rule, budget, trail)
        .then(
            given -> supply(rule, given, trail).then(supply -> grant(rule, given, supply, trail)));
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

  /** The key that tokens of that supply must be bound to. */
  static BindingDemand demand(Supply supply) {
    return switch (supply) {
      case Supply.Mint mint -> mint.bind();
      case Supply.Upstreamed _ -> BindingDemand.BEARER;
    };
  }

  private Outcome<Terms.Given> entitle(Rule rule, StepBudget budget, Trail trail) {
    return switch (rule.terms().evaluate(facts, budget)) {
      case Evaluated.Value<Terms.Given>(Terms.Given given) when !foreign(given).isEmpty() ->
          failed(
              rule,
              new Evaluated.Failed<>(
                  "its repositories hold one that is none of the target", "id " + foreign(given)),
              trail);
      case Evaluated.Value<Terms.Given>(Terms.Given given) -> {
        trail.passed(Step.RULE, ADMITTED, rule.name());
        yield Outcome.accepted(given);
      }
      case Evaluated.Missing<Terms.Given>(String detail) ->
          failed(rule, new Evaluated.Failed<>("reads a claim that is missing", detail), trail);
      case Evaluated.Failed<Terms.Given> failed -> failed(rule, failed, trail);
    };
  }

  /** The repositories that the target does not have; none where it has all of an installation. */
  private List<Long> foreign(Terms.Given given) {
    return given.repositories() != null
            && target.supply() instanceof Supply.GitHub github
            && !github.repositories().isEmpty()
        ? given.repositories().stream().filter(id -> !github.repositories().contains(id)).toList()
        : List.of();
  }

  /** What the target says about its tokens, with the values of this identity. */
  private Outcome<Supply> supply(Rule rule, Terms.Given given, Trail trail) {
    if (!(target.supply() instanceof Supply.Aws aws)) {
      return Outcome.accepted(target.supply());
    }
    return switch (AwsSession.of(aws, facts, given.subject())) {
      case Evaluated.Value<Supply.Aws>(Supply.Aws session) -> Outcome.accepted(session);
      case Evaluated.Missing<Supply.Aws>(String detail) ->
          failed(rule, new Evaluated.Failed<>("reads a claim that is missing", detail), trail);
      case Evaluated.Failed<Supply.Aws> failed -> failed(rule, failed, trail);
    };
  }

  private Outcome<Grant> grant(Rule rule, Terms.Given given, Supply supply, Trail trail) {
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
                                supply instanceof Supply.GitHub github
                                    ? github.narrowed(given.repositories(), scopes)
                                    : supply,
                                binding,
                                lifetime(supply, request.lifetime()),
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
    BindingDemand demand = demand(target.supply());
    Optional<Refusal> unbound = demand.unmetBy(binding);
    if (unbound.isPresent()) {
      return trail.refuse(Step.BINDING, unbound.get());
    }
    trail.passed(Step.BINDING, demand.expected(), binding.description());
    return Outcome.accepted(binding);
  }

  private static @Nullable Duration lifetime(Supply supply, @Nullable Duration asked) {
    return switch (supply) {
      case Supply.Mint mint ->
          asked != null && asked.compareTo(mint.lifetime()) < 0 ? asked : mint.lifetime();
      case Supply.Upstreamed _ -> asked;
    };
  }
}
