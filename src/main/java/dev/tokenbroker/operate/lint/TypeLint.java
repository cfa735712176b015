package dev.tokenbroker.operate.lint;

import dev.tokenbroker.judge.policy.ClaimPath;
import dev.tokenbroker.judge.policy.ClaimTest;
import dev.tokenbroker.judge.policy.Conjunct;
import dev.tokenbroker.judge.policy.TextMatch;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds comparisons of a claim with a constant of a type that this claim never has. */
final class TypeLint {

  private final Map<String, Map<String, Set<ClaimType>>> seen;
  private final Findings findings;

  /**
   * @param seen further types, found in credentials, by the name of the issuer and by claim
   */
  TypeLint(Map<String, Map<String, Set<ClaimType>>> seen, Findings findings) {
    this.seen = seen;
    this.findings = findings;
  }

  void look(LintedRule linted) {
    for (Conjunct part : linted.shape().parts()) {
      switch (part.test()) {
        case ClaimTest.Is(ClaimPath claim, List<Object> values) ->
            values.forEach(value -> look(linted, part, claim, ClaimType.of(value)));
        case ClaimTest.Matches(ClaimPath claim, TextMatch _) ->
            look(linted, part, claim, ClaimType.STRING);
        case ClaimTest.Present _, ClaimTest.Same _, ClaimTest.Other _ -> {}
      }
    }
  }

  private void look(LintedRule linted, Conjunct part, ClaimPath claim, ClaimType constant) {
    Set<ClaimType> types = types(linted, claim);
    if (types.isEmpty() || types.contains(constant)) {
      return;
    }
    String having = types.stream().map(ClaimType::described).collect(Collectors.joining(" or "));
    findings.add(
        LintCode.TYPE_NEVER_MATCHES,
        linted.rule(),
        "when",
        "the rule %s compares %s, which is %s, with %s: %s"
            .formatted(
                linted.name(), claim, having, constant.described(), Findings.cut(part.toString())),
        "Compare it with " + having + (types.contains(ClaimType.STRING) ? ", in quotes." : "."));
  }

  /** Returns the types that a claim may have; empty if none is known. */
  private Set<ClaimType> types(LintedRule linted, ClaimPath claim) {
    Set<ClaimType> types = EnumSet.noneOf(ClaimType.class);
    if (claim.names().size() > 1) {
      return types;
    }
    KnownIssuer known = linted.known();
    ClaimType fixed = known == null ? null : KnownTypes.of(known).get(claim.claim());
    if (fixed != null) {
      types.add(fixed);
    }
    types.addAll(
        seen.getOrDefault(linted.issuer().name(), Map.of()).getOrDefault(claim.claim(), Set.of()));
    return types;
  }
}
