package dev.tokenbroker.operate.lint;

import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.expression.ClaimPath;
import dev.tokenbroker.judge.expression.ClaimTest;
import dev.tokenbroker.judge.expression.Conjunct;
import dev.tokenbroker.judge.expression.Expression;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Target;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds rules that may give the {@code sub} of one workload to another one. Services often compare
 * nothing else of a token.
 */
final class SubjectLint {

  private static final String SUBJECT = "subject";

  /** Ends a subject that is known to its end. No subject contains this character. */
  private static final String END = "\n";

  private final Findings findings;

  /** The targets whose tokens, or the JWTs for whose upstreams, have the subject of the rule. */
  private final Set<String> targets;

  /** The first rule for each beginning of subjects, by target and issuer. */
  private final Map<String, Map<String, Map<String, Rule>>> earlier = new HashMap<>();

  SubjectLint(Federation federation, Findings findings) {
    this.findings = findings;
    this.targets =
        federation.policy().targets().stream()
            .filter(
                target ->
                    target
                        .supply()
                        .fromUpstream()
                        .map(from -> from.presentation() instanceof Presentation.Minted)
                        .orElse(true))
            .map(Target::audience)
            .collect(Collectors.toSet());
  }

  /** Checks the next rule of the document. */
  void look(LintedRule linted) {
    if (linted.rule().disabled() || !targets.contains(linted.rule().audience())) {
      return;
    }
    Expression subject = linted.rule().terms().subject();
    Set<String> claims =
        new HashSet<>(subject == null ? Set.of(KnownIssuer.SUB) : subject.uses().claims());
    KnownIssuer known = linted.known();
    String required = required(linted);
    if (known != null && known.hasId(required)) {
      claims.remove(KnownIssuer.SUB);
    }
    ReusableNames.in(claims, known).ifPresent(found -> warnOfName(linted, found));
    lookAtIssuers(linted.rule(), subject == null ? required : subject.prefix());
  }

  private void warnOfName(LintedRule linted, ReusableNames.Found found) {
    findings.add(
        LintCode.SUBJECT_REUSABLE_NAME,
        linted.rule(),
        SUBJECT,
        "the rule %s makes sub from a name that the issuer %s may give to somebody else later: %s"
            .formatted(linted.name(), linted.rule().issuerName(), ClaimPath.of(found.name())),
        "Write subject: '\"%s:\" + %s', or add that claim to it."
            .formatted(linted.rule().issuerName(), ClaimPath.of(found.id())));
  }

  private void lookAtIssuers(Rule rule, String start) {
    Map<String, Map<String, Rule>> issuers =
        earlier.computeIfAbsent(rule.audience(), _ -> new LinkedHashMap<>());
    issuers.entrySet().stream()
        .filter(issuer -> !issuer.getKey().equals(rule.issuerName()))
        .flatMap(issuer -> issuer.getValue().entrySet().stream())
        .filter(other -> start.startsWith(other.getKey()) || other.getKey().startsWith(start))
        .findFirst()
        .ifPresent(other -> warnOfShared(rule, other.getValue()));
    issuers.computeIfAbsent(rule.issuerName(), _ -> new LinkedHashMap<>()).putIfAbsent(start, rule);
  }

  private void warnOfShared(Rule rule, Rule other) {
    findings.add(
        LintCode.SUBJECT_SHARED_BY_ISSUERS,
        rule,
        SUBJECT,
        "the rule %s can give the same sub as %s at %s, which is a rule of another issuer"
            .formatted(rule.name(), other.name(), findings.placeOf(other)),
        "Begin the subject of each with a constant of its own, such as \"%s:\"."
            .formatted(rule.issuerName()));
  }

  /** The only {@code sub} that the condition admits, with its end; empty if there may be others. */
  private static String required(LintedRule linted) {
    List<Set<Conjunct>> possible = linted.possible();
    if (possible == null || possible.size() != 1) {
      return "";
    }
    for (Conjunct part : possible.getFirst()) {
      if (!part.negated()
          && part.test() instanceof ClaimTest.Is(ClaimPath claim, List<Object> values)
          && claim.is(KnownIssuer.SUB)
          && values.size() == 1) {
        return values.getFirst() + END;
      }
    }
    return "";
  }

  /**
   * Claims that name something by a name which somebody else may get later, and the ids that tell
   * its holders apart. OpenID Connect Core, section 5.7, says so of the claims about people.
   *
   * @param issuer the issuer that signs these claims; null for any issuer
   * @param names the claims with names
   * @param ids the claims with ids; one of them beside a name is enough
   */
  record ReusableNames(@Nullable KnownIssuer issuer, List<String> names, List<String> ids) {

    private static final List<ReusableNames> ALL =
        List.of(
            of(KnownIssuer.GITHUB, "repository workflow workflow_ref sub", "repository_id"),
            of(KnownIssuer.GITHUB, "repository_owner", "repository_owner_id repository_id"),
            of(KnownIssuer.GITHUB, "enterprise", "enterprise_id repository_id"),
            of(KnownIssuer.GITHUB, "actor", "actor_id"),
            of(KnownIssuer.GITLAB, "project_path sub", "project_id"),
            of(KnownIssuer.GITLAB, "namespace_path", "namespace_id project_id"),
            of(KnownIssuer.GITLAB, "job_project_path job_namespace_path", "job_project_id"),
            of(KnownIssuer.GITLAB, "user_login user_email", "user_id"),
            of(KnownIssuer.BUILDKITE, "pipeline_slug organization_slug sub", "pipeline_id"),
            of(KnownIssuer.TERRAFORM, "terraform_workspace_name sub", "terraform_workspace_id"),
            of(KnownIssuer.TERRAFORM, "terraform_project_name", "terraform_project_id"),
            of(KnownIssuer.TERRAFORM, "terraform_organization_name", "terraform_organization_id"),
            of(null, "email preferred_username upn unique_name nickname name", "sub oid"),
            of(null, "oidc.circleci.com/vcs-origin", "oidc.circleci.com/project-id"));

    /** A name and the id that is better. */
    record Found(String name, String id) {}

    private static ReusableNames of(@Nullable KnownIssuer issuer, String names, String ids) {
      return new ReusableNames(issuer, List.of(names.split(" ", -1)), List.of(ids.split(" ", -1)));
    }

    /** Finds a name among the claims of a subject that no id stands beside. */
    static Optional<Found> in(Set<String> claims, @Nullable KnownIssuer known) {
      return ALL.stream()
          .filter(entry -> entry.issuer == null || entry.issuer == known)
          .filter(entry -> entry.ids.stream().noneMatch(claims::contains))
          .flatMap(
              entry ->
                  entry.names.stream()
                      .filter(claims::contains)
                      .map(name -> new Found(name, entry.ids.getFirst())))
          .findFirst();
    }
  }
}
