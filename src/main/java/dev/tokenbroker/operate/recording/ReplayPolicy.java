package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.ClaimUses;
import dev.tokenbroker.judge.policy.Compiled;
import dev.tokenbroker.judge.policy.Condition;
import dev.tokenbroker.judge.policy.Expressions;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.policy.Target;
import dev.tokenbroker.judge.policy.Terms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Prepares the rules of a federation for requests with unknown claims.
 *
 * <p>A rule cannot be judged if its condition reads an unknown claim. Such a rule gets a condition
 * that always holds. If the result names this rule, the request is undecidable. Earlier rules with
 * known claims still decide first. Terms that read an unknown claim are left out, and so is what a
 * target reads. So the choice of the rule is known even if its subject is not.
 */
final class ReplayPolicy {

  private final Federation federation;
  private final Map<String, Policy> policies = new HashMap<>();
  private final Condition always;
  private final Condition never;

  ReplayPolicy(Federation federation, Expressions expressions) {
    this.federation = federation;
    this.always = constant(expressions, true);
    this.never = constant(expressions, false);
  }

  private static Condition constant(Expressions expressions, boolean value) {
    if (expressions.condition("" + value) instanceof Compiled.Ok<Condition>(Condition made)) {
      return made;
    }
    throw new IllegalStateException("CEL has no constant " + value);
  }

  /**
   * The rules for the judgement of a request.
   *
   * @param undecidable the causes by the name of each rule that cannot be judged
   * @param withoutTerms the causes by the name of each rule with an unknown subject or claims
   */
  record Prepared(
      Policy policy, Map<String, String> undecidable, Map<String, String> withoutTerms) {}

  /**
   * Returns the issuer of a request. Among several with that {@code iss} it is the one of the
   * recorded name, since a recording need not have the audience; null if there is none.
   */
  @Nullable TrustedIssuer issuer(RecordedRequest request) {
    return federation.issuers().entry(request.iss(), request.issuer()).orElse(null);
  }

  /** Whether an issuer has that {@code iss}. */
  boolean trusts(String iss) {
    return !federation.issuers().entries(iss).isEmpty();
  }

  /** Why the client of a request may not exchange; null if it may, or if there is no client. */
  @Nullable RefusalReason refusalOf(@Nullable String client) {
    return client != null
            && federation.clients().exchanging(client)
                instanceof Outcome.Refused<RegisteredClient>(Refusal why)
        ? why.reason()
        : null;
  }

  /** Returns the rules of that issuer and target in the order of the document. */
  List<Rule> rules(String issuer, String target) {
    return federation.policy().rules().stream()
        .filter(rule -> rule.isFor(issuer) && rule.audience().equals(target))
        .toList();
  }

  /**
   * Returns the policy for a request.
   *
   * @param known returns whether a rule's condition held in the recording; null if unknown
   */
  Prepared prepared(List<Rule> rules, RecordedRequest request, HeldThen known) {
    Map<String, String> undecidable = new HashMap<>();
    Map<String, String> withoutTerms = new HashMap<>();
    StringBuilder key = new StringBuilder();
    List<Rule> prepared = new ArrayList<>();
    String session = session(request);
    for (Rule rule : rules) {
      Condition condition = rule.when();
      String why = why(condition.uses(), request);
      if (why != null) {
        Boolean held = known.held(rule);
        condition = held == null || held ? always : never;
        if (held == null) {
          undecidable.put(rule.name(), why);
        }
      }
      String terms = terms(rule, request);
      String unknown = terms == null ? session : terms;
      if (unknown != null) {
        withoutTerms.put(rule.name(), unknown);
      }
      key.append(rule.name())
          .append(condition == always ? '+' : condition == never ? '-' : ' ')
          .append(terms == null ? ' ' : '-')
          .append(session == null ? ' ' : '-');
      prepared.add(rule.with(condition, terms == null ? rule.terms() : bare(rule.terms())));
    }
    Policy policy =
        policies.computeIfAbsent(
            key.toString(), _ -> Policy.of(targets(withoutTerms.isEmpty()), prepared));
    return new Prepared(policy, undecidable, withoutTerms);
  }

  /**
   * @param known whether all is known that terms and targets read
   */
  private List<Target> targets(boolean known) {
    return federation.policy().targets().stream()
        .map(target -> known ? target : target.withoutClaims())
        .toList();
  }

  /** Why the session that the target of a request makes is not known; null if it is. */
  private @Nullable String session(RecordedRequest request) {
    return target(request.target())
        .flatMap(Target::uses)
        .map(uses -> why(uses, request))
        .orElse(null);
  }

  private Optional<Target> target(String audience) {
    return federation.policy().targets().stream()
        .filter(target -> target.audience().equals(audience))
        .findFirst();
  }

  /** Returns whether the condition of a rule held in the recording; null if unknown. */
  @FunctionalInterface
  interface HeldThen {
    @Nullable Boolean held(Rule rule);
  }

  /**
   * The subject, the claims and the session of a rule, as the document has them; empty if there is
   * no rule.
   */
  String terms(String name) {
    return federation.policy().rules().stream()
        .filter(rule -> rule.name().equals(name))
        .map(rule -> source(rule.terms()) + target(rule.audience()).map(Target::session).orElse(""))
        .findFirst()
        .orElse("");
  }

  private static String source(Terms terms) {
    Map<String, String> sources = new TreeMap<>();
    terms.claims().forEach((claim, value) -> sources.put(claim, value.source()));
    return (terms.subject() == null ? "" : terms.subject().source())
        + sources
        + (terms.repositories() == null ? "" : terms.repositories().source());
  }

  private static Terms bare(Terms terms) {
    return new Terms(null, terms.scopes(), Map.of(), terms.outlivesCredential());
  }

  private static @Nullable String terms(Rule rule, RecordedRequest request) {
    Terms terms = rule.terms();
    String subject =
        terms.subject() == null ? request.whyUnknown("sub") : why(terms.subject().uses(), request);
    if (subject != null) {
      return subject;
    }
    return Stream.concat(terms.claims().values().stream(), Stream.ofNullable(terms.repositories()))
        .map(claim -> why(claim.uses(), request))
        .filter(why -> why != null)
        .findFirst()
        .orElse(null);
  }

  private static @Nullable String why(ClaimUses uses, RecordedRequest request) {
    if (uses.computed()) {
      return "it reads claims by computed names";
    }
    return uses.claims().stream()
        .sorted()
        .map(request::whyUnknown)
        .filter(why -> why != null)
        .findFirst()
        .orElse(null);
  }
}
