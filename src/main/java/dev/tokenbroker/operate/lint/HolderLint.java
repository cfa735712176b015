package dev.tokenbroker.operate.lint;

import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.expression.ClaimTest;
import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.expression.Conjunct;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Rule;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Finds rules by which any holder of a person's token can exchange it, such as each service that
 * the token was sent to (a confused deputy). An issuer signs tokens of persons if it is a known
 * login provider, or if a rule reads a claim of its tokens that describes a person or a login.
 */
final class HolderLint {

  private static final Pattern LOGIN_PROVIDER =
      Pattern.compile(
          "https://(?:login\\.microsoftonline\\.com/.*|sts\\.windows\\.net/.*"
              + "|[^/]+\\.(?:b2clogin|ciamlogin|okta|oktapreview|okta-emea|auth0|onelogin)\\.com(?:/.*)?"
              + "|cognito-idp\\.[^/]+/.*|accounts\\.google\\.com|appleid\\.apple\\.com)");

  /** Claims of a person or a login: OpenID Connect Core sections 2 and 5.1, and common ones. */
  private static final Set<String> PERSONAL =
      Set.of(
          """
          email email_verified given_name family_name middle_name preferred_username birthdate gender
          phone_number phone_number_verified picture auth_time acr amr sid groups upn unique_name"""
              .split("\\s+", -1));

  /** Values of claims that only accounts of machines have. */
  private static final Pattern MACHINE =
      Pattern.compile("service-account-.*|.*\\.gserviceaccount\\.com|client-credentials|app");

  /** The claims with such values, at Google, Keycloak, Auth0 and Entra. */
  private static final Set<String> KINDS = Set.of("email", "preferred_username", "gty", "idtyp");

  private final Set<String> readPersonal;
  private final Findings findings;

  HolderLint(Federation federation, Findings findings) {
    this.readPersonal =
        federation.policy().rules().stream()
            .filter(HolderLint::readsPersonal)
            .map(Rule::issuerName)
            .collect(Collectors.toSet());
    this.findings = findings;
  }

  private static boolean readsPersonal(Rule rule) {
    return rule.uses().stream()
        .map(ClaimUses::claims)
        .anyMatch(claims -> !Collections.disjoint(claims, PERSONAL));
  }

  /** Checks a rule that names an issuer. */
  void look(LintedRule linted) {
    Rule rule = linted.rule();
    List<Set<Conjunct>> possible = linted.possible();
    if (rule.disabled()
        || rule.client() != null
        || possible == null
        || !signsForPersons(linted)
        || possible.stream().allMatch(HolderLint::isRestricted)) {
      return;
    }
    findings.add(
        LintCode.OPEN_TO_ANY_HOLDER,
        rule,
        "issuer",
        "the rule %s lets any holder of a person's token exchange it, since it demands no client"
            .formatted(linted.name()),
        "Register the clients that may do so under 'clients', and name one by 'client'.");
  }

  private boolean signsForPersons(LintedRule linted) {
    TrustedIssuer issuer = Objects.requireNonNull(linted.issuer());
    KnownIssuer known = linted.known();
    return (known == null || known == KnownIssuer.GOOGLE)
        && (readPersonal.contains(issuer.name())
            || LOGIN_PROVIDER.matcher(issuer.issuer()).matches());
  }

  /**
   * Whether an alternative of the condition demands a client, or the account of a machine. One
   * account counts as a machine's, unless the alternative reads a claim of a person.
   */
  private static boolean isRestricted(Set<Conjunct> parts) {
    boolean personal =
        parts.stream().anyMatch(part -> !Collections.disjoint(part.uses().claims(), PERSONAL));
    return parts.stream()
        .anyMatch(
            part -> part.uses().client() || isOfMachine(part) || (!personal && isOneAccount(part)));
  }

  private static boolean isOneAccount(Conjunct part) {
    return !part.negated()
        && part.test() instanceof ClaimTest.Is(var claim, var _)
        && (claim.is(KnownIssuer.SUB) || claim.is("oid"));
  }

  private static boolean isOfMachine(Conjunct part) {
    return !part.negated()
        && part.test() instanceof ClaimTest.Is(var claim, var values)
        && KINDS.contains(claim.claim())
        && values.stream().allMatch(value -> MACHINE.matcher(String.valueOf(value)).matches());
  }
}
