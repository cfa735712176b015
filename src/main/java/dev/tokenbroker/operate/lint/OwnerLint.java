package dev.tokenbroker.operate.lint;

import static dev.tokenbroker.operate.lint.LintedRule.text;

import dev.tokenbroker.judge.expression.Conjunct;
import java.util.List;
import java.util.Set;

/** Finds rules that admit other tenants, or jobs that anybody may start. */
final class OwnerLint {

  private static final String WHEN = "when";

  /** The claims that have the same value in all credentials for this broker. */
  private static final Set<String> COMMON = Set.of("aud", "iss", "exp", "iat", "nbf");

  private final Findings findings;

  OwnerLint(Findings findings) {
    this.findings = findings;
  }

  void look(LintedRule linted) {
    List<Set<Conjunct>> possible = linted.possible();
    if (linted.rule().disabled() || possible == null || possible.isEmpty()) {
      return;
    }
    KnownIssuer known = linted.known();
    if (known == null) {
      lookAtReads(linted);
      return;
    }
    List<Set<Conjunct>> unbound =
        possible.stream().filter(parts -> OwnerBound.of(known, parts) == OwnerBound.NONE).toList();
    if (unbound.size() == possible.size()) {
      warnOfUnbound(linted, known, unbound.getFirst());
    } else if (!unbound.isEmpty()) {
      warnOfBypass(linted, known, unbound.getFirst());
    }
    possible.stream()
        .filter(parts -> OwnerBound.of(known, parts) == OwnerBound.NAME)
        .findFirst()
        .ifPresent(parts -> warnOfName(linted, known, parts));
    if (known == KnownIssuer.GITHUB) {
      possible.stream()
          .filter(parts -> OwnerBound.of(known, parts) != OwnerBound.NONE)
          .filter(parts -> parts.stream().noneMatch(OwnerBound::bindsOrigin))
          .findFirst()
          .ifPresent(parts -> warnOfPullRequests(linted, parts));
    }
  }

  /** Checks a rule of an unknown issuer: its condition must test at least one claim. */
  private void lookAtReads(LintedRule linted) {
    List<Set<Conjunct>> possible = linted.possible();
    if (possible == null || possible.stream().allMatch(OwnerLint::asks)) {
      return;
    }
    boolean always = possible.stream().anyMatch(Set::isEmpty);
    findings.add(
        LintCode.SUBJECT_OWNER_UNBOUND,
        linted.rule(),
        WHEN,
        "the rule %s admits every identity of the issuer %s, since its condition %s"
            .formatted(
                linted.name(),
                linted.rule().issuerName(),
                always
                    ? "is always true"
                    : "asks only what all its credentials for this broker have in common"),
        "Compare the claim that names the workload, such as sub, with a constant.");
  }

  private static boolean asks(Set<Conjunct> parts) {
    return parts.stream()
        .anyMatch(
            part ->
                part.uses().computed()
                    || part.uses().claims().stream().anyMatch(claim -> !COMMON.contains(claim)));
  }

  private void warnOfUnbound(LintedRule linted, KnownIssuer known, Set<Conjunct> parts) {
    findings.add(
        LintCode.SUBJECT_OWNER_UNBOUND,
        linted.rule(),
        WHEN,
        parts.isEmpty()
            ? "the rule %s admits every tenant of %s, since its condition is always true"
                .formatted(linted.name(), known.label())
            : "the rule %s compares no claim that names the tenant of %s with a constant: %s"
                .formatted(linted.name(), known.label(), text(parts)),
        "Compare " + known.bounds() + " with a constant.");
  }

  private void warnOfBypass(LintedRule linted, KnownIssuer known, Set<Conjunct> parts) {
    findings.add(
        LintCode.OWNER_BOUND_BYPASSED,
        linted.rule(),
        WHEN,
        "the rule %s also holds for every tenant of %s by one side of ||: %s"
            .formatted(linted.name(), known.label(), parts.isEmpty() ? "true" : text(parts)),
        "Compare " + known.bounds() + " with a constant on each side of ||.");
  }

  private void warnOfName(LintedRule linted, KnownIssuer known, Set<Conjunct> parts) {
    Conjunct name =
        parts.stream()
            .filter(part -> OwnerBound.of(known, part) == OwnerBound.NAME)
            .findFirst()
            .orElseThrow();
    findings.add(
        LintCode.REUSABLE_NAME,
        linted.rule(),
        WHEN,
        "the rule %s trusts a name that %s may give to somebody else later: %s"
            .formatted(linted.name(), known.label(), Findings.cut(name.toString())),
        "Also compare " + known.bounds() + ", which is never given twice.");
  }

  private void warnOfPullRequests(LintedRule linted, Set<Conjunct> parts) {
    findings.add(
        LintCode.PULL_REQUEST_EXPOSED,
        linted.rule(),
        WHEN,
        "the rule %s admits each branch and pull request of the repository: %s"
            .formatted(linted.name(), text(parts)),
        "Also compare ref, environment, event_name or job_workflow_ref.");
  }
}
