package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.policy.ClaimUses;
import dev.tokenbroker.policy.Compiled;
import dev.tokenbroker.policy.Condition;
import dev.tokenbroker.policy.Expressions;
import dev.tokenbroker.policy.Policy;
import dev.tokenbroker.policy.Rule;
import dev.tokenbroker.policy.Terms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a federation for one issuer and target, where some claims of a request are not
 * known.
 *
 * <p>A rule whose condition examines an unknown claim cannot be judged. It gets a condition that
 * always holds, so that its name comes out where it would have had to decide. Earlier rules that
 * can be judged still decide before it. Terms that read an unknown claim are left out, so the
 * choice of the rule is judged even where a subject cannot be.
 */
final class ReplayPolicy {

  private final Federation federation;
  private final Map<String, TrustedIssuer> issuers = new HashMap<>();
  private final Map<String, Policy> policies = new HashMap<>();
  private final Condition always;
  private final Condition never;

  ReplayPolicy(Federation federation, Expressions expressions) {
    this.federation = federation;
    this.always = constant(expressions, true);
    this.never = constant(expressions, false);
    federation.issuers().all().forEach(issuer -> issuers.put(issuer.name(), issuer));
  }

  private static Condition constant(Expressions expressions, boolean value) {
    if (expressions.condition("" + value) instanceof Compiled.Ok<Condition>(Condition made)) {
      return made;
    }
    throw new IllegalStateException("CEL has no constant " + value);
  }

  /** Says what is not known of a claim that an expression uses in that way; null if it is known. */
  @FunctionalInterface
  interface UnknownClaims {
    @Nullable String why(String claim, ClaimUses.ClaimUse use);
  }

  /**
   * Rules to judge a request by.
   *
   * @param undecidable why a rule cannot be judged, by its name
   * @param withoutTerms the rules whose subject or claims cannot be judged
   */
  record Prepared(
      Policy policy, Map<String, String> undecidable, Map<String, String> withoutTerms) {}

  @Nullable TrustedIssuer issuer(String name) {
    return issuers.get(name);
  }

  /** The rules of that issuer and target in the order of the document. */
  List<Rule> rules(String issuer, String target) {
    return federation.policy().rules().stream()
        .filter(rule -> rule.issuerName().equals(issuer) && rule.audience().equals(target))
        .toList();
  }

  /**
   * The policy for a request.
   *
   * @param known whether the condition of a rule held, as the recording shows; null if it does not
   */
  Prepared prepared(List<Rule> rules, UnknownClaims unknown, HeldThen known) {
    Map<String, String> undecidable = new HashMap<>();
    Map<String, String> withoutTerms = new HashMap<>();
    StringBuilder key = new StringBuilder();
    List<Rule> prepared = new ArrayList<>();
    for (Rule rule : rules) {
      Condition condition = rule.when();
      String why = why(condition.uses(), unknown);
      if (why != null) {
        Boolean held = known.held(rule);
        condition = held == null || held ? always : never;
        if (held == null) {
          undecidable.put(rule.name(), why);
        }
      }
      String terms = terms(rule, unknown);
      if (terms != null) {
        withoutTerms.put(rule.name(), terms);
      }
      key.append(rule.name())
          .append(condition == always ? '+' : condition == never ? '-' : ' ')
          .append(terms == null ? ' ' : '-');
      prepared.add(rule.with(condition, terms == null ? rule.terms() : bare(rule.terms())));
    }
    Policy policy =
        policies.computeIfAbsent(
            key.toString(), _ -> Policy.of(List.copyOf(federation.policy().targets()), prepared));
    return new Prepared(policy, undecidable, withoutTerms);
  }

  /** Says whether the condition of a rule held for a request, by the recording. */
  @FunctionalInterface
  interface HeldThen {
    @Nullable Boolean held(Rule rule);
  }

  private static Terms bare(Terms terms) {
    return new Terms(null, terms.scopes(), Map.of(), terms.outlivesCredential());
  }

  private static @Nullable String terms(Rule rule, UnknownClaims unknown) {
    Terms terms = rule.terms();
    String subject =
        terms.subject() == null
            ? unknown.why("sub", ClaimUses.ClaimUse.EXAMINED)
            : examined(terms.subject().uses(), unknown);
    if (subject != null) {
      return subject;
    }
    return terms.claims().values().stream()
        .map(claim -> examined(claim.uses(), unknown))
        .filter(why -> why != null)
        .findFirst()
        .orElse(null);
  }

  /** As {@link #why}, for an expression whose value is shown: no stand-in may come out. */
  private static @Nullable String examined(ClaimUses uses, UnknownClaims unknown) {
    return why(uses, (claim, _) -> unknown.why(claim, ClaimUses.ClaimUse.EXAMINED));
  }

  private static @Nullable String why(ClaimUses uses, UnknownClaims unknown) {
    if (uses.computed()) {
      return "it reads claims by computed names";
    }
    for (Map.Entry<String, ClaimUses.ClaimUse> use : new TreeMap<>(uses.claims()).entrySet()) {
      String why = unknown.why(use.getKey(), use.getValue());
      if (why != null) {
        return why;
      }
    }
    return null;
  }
}
