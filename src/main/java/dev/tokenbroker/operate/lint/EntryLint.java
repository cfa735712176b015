package dev.tokenbroker.operate.lint;

import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.DocumentSection;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.judge.target.Target;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds entries that nothing uses, that are switched off, and tokens that live too long. */
final class EntryLint {

  /** The longest life of a token that may outlive its credential, before it is worth a warning. */
  static final Duration LONG = Duration.ofMinutes(15);

  private static final String DISABLED = "disabled";

  private final Federation federation;
  private final Findings findings;

  EntryLint(Federation federation, Findings findings) {
    this.federation = federation;
    this.findings = findings;
  }

  void look() {
    Map<String, Target> targets =
        federation.policy().targets().stream()
            .collect(Collectors.toMap(Target::audience, target -> target));
    Set<String> named = new HashSet<>();
    Set<String> admitted = new HashSet<>();
    Set<String> issuers = new HashSet<>();
    for (Rule rule : federation.policy().rules()) {
      named.add(rule.audience());
      issuers.add(rule.issuerName());
      if (rule.disabled()) {
        warnOfDisabled(rule);
      } else {
        if (!rule.shadow()) {
          admitted.add(rule.audience());
        }
        lookAtLife(rule, Objects.requireNonNull(targets.get(rule.audience())));
      }
    }
    findings
        .outline()
        .entries(DocumentSection.TARGETS)
        .forEach((name, entry) -> lookAtTarget(name, entry, named, admitted));
    federation.issuers().all().forEach(issuer -> lookAtIssuer(issuer, issuers));
    lookAtUpstreams();
  }

  private void warnOfDisabled(Rule rule) {
    findings.add(
        LintCode.DISABLED_RULE,
        rule,
        DISABLED,
        (rule.shadow()
                ? "the shadow rule %s is disabled: it would refuse who matches it"
                : "the rule %s is disabled: who matches it is refused, whatever later rules say")
            .formatted(rule.name()),
        "Remove the rule, or enable it.");
  }

  private void lookAtLife(Rule rule, Target target) {
    Duration life = target.supply().lifetime(null);
    if (rule.outlivesCredential() && life != null && life.compareTo(LONG) > 0) {
      findings.add(
          LintCode.LONG_OUTLIVING_TOKEN,
          rule,
          "outliveCredential",
          "the rule %s gives tokens of %d minutes that outlive their credential"
              .formatted(rule.name(), life.toMinutes()),
          "Remove outliveCredential, or shorten the lifetime of the target "
              + target.audience()
              + " to 15m.");
    }
  }

  private void lookAtTarget(
      String audience, Mapping entry, Set<String> named, Set<String> admitted) {
    if (!admitted.contains(audience)) {
      findings.add(
          LintCode.TARGET_WITHOUT_RULE,
          entry,
          "audience",
          named.contains(audience)
              ? "only disabled or shadow rules name the target %s, so nobody gets a token for it"
                  .formatted(audience)
              : "no rule names the target %s, so nobody gets a token for it".formatted(audience),
          "Add a rule, or remove the target.");
    }
  }

  private void lookAtIssuer(TrustedIssuer issuer, Set<String> named) {
    Mapping entry =
        Objects.requireNonNull(
            findings.outline().entries(DocumentSection.ISSUERS).get(issuer.name()));
    if (issuer.disabled()) {
      findings.add(
          LintCode.DISABLED_ISSUER,
          entry,
          DISABLED,
          "the issuer %s is disabled: all its credentials are refused".formatted(issuer.name()),
          "Remove the issuer and its rules, or enable it.");
    } else if (!named.contains(issuer.name()) && !named.contains("")) { // a rule of any issuer
      findings.add(
          LintCode.ISSUER_WITHOUT_RULE,
          entry,
          "name",
          "no rule names the issuer %s, so its credentials are good for nothing"
              .formatted(issuer.name()),
          "Add a rule, or remove the issuer.");
    }
    String target = federation.policy().defaultAudience(issuer.name());
    if (target != null) {
      findings.add(
          LintCode.DEFAULT_AUDIENCE,
          entry,
          "defaultAudience",
          "a request with a credential of the issuer %s that names no target gets the target %s"
              .formatted(issuer.name(), target),
          "Have the clients name the target, in the form or as ?audience= in the address.");
    }
  }

  private void lookAtUpstreams() {
    Set<String> used =
        federation.policy().targets().stream()
            .flatMap(target -> target.supply().fromUpstream().stream())
            .map(Supply.Upstreamed::upstream)
            .collect(Collectors.toSet());
    findings
        .outline()
        .entries(DocumentSection.UPSTREAMS)
        .forEach(
            (name, entry) -> {
              if (!used.contains(name)) {
                findings.add(
                    LintCode.UPSTREAM_WITHOUT_TARGET,
                    entry,
                    "name",
                    "no target uses the upstream %s".formatted(name),
                    "Name it in the 'exchange' of a target, or remove it and its secret.");
              }
            });
  }
}
