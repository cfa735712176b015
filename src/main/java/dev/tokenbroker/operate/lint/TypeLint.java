package dev.tokenbroker.operate.lint;

import dev.tokenbroker.base.files.Resource;
import dev.tokenbroker.judge.expression.ClaimPath;
import dev.tokenbroker.judge.expression.ClaimTest;
import dev.tokenbroker.judge.expression.Conjunct;
import dev.tokenbroker.judge.expression.TextMatch;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds comparisons of a claim with a constant of a type that this claim never has. */
final class TypeLint {

  /** The known issuer or a pattern of its {@code iss}, a type, and the claims that have it. */
  private static final List<List<String>> DOCUMENTED =
      Resource.text(TypeLint.class, "claim-types.txt")
          .lines()
          .map(line -> List.of(line.split(" ", -1)))
          .toList();

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
        case ClaimTest.Ordered(ClaimPath claim, Object value) ->
            look(linted, part, claim, ClaimType.of(value));
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
    String name = String.join("/", claim.names());
    KnownIssuer known = linted.known();
    if (known != null && (known.ids().contains(name) || known.names().contains(name))) {
      types.add(ClaimType.STRING);
    }
    TrustedIssuer issuer = Objects.requireNonNull(linted.issuer());
    String iss = issuer.issuer();
    DOCUMENTED.stream()
        .filter(line -> line.lastIndexOf(name) > 1)
        .filter(
            line ->
                iss.matches(line.getFirst())
                    || (known != null && known.name().equals(line.getFirst())))
        .forEach(line -> types.add(ClaimType.valueOf(line.get(1))));
    types.addAll(seen.getOrDefault(issuer.name(), Map.of()).getOrDefault(name, Set.of()));
    return types;
  }

  /** The types that a claim may have in JSON. */
  public enum ClaimType {
    STRING,
    NUMBER,
    BOOLEAN,
    LIST,
    MAP;

    /** The type of a claim's value, or of a constant in a condition. */
    public static ClaimType of(Object value) {
      return switch (value) {
        case String _ -> STRING;
        case Number _ -> NUMBER;
        case Boolean _ -> BOOLEAN;
        case List<?> _ -> LIST;
        case Map<?, ?> _ -> MAP;
        default -> throw new IllegalArgumentException("no JSON value: " + value.getClass());
      };
    }

    /** The name with an article, for messages. */
    String described() {
      return "a " + name().toLowerCase(Locale.ROOT);
    }
  }
}
