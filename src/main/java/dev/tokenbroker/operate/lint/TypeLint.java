package dev.tokenbroker.operate.lint;

import static dev.tokenbroker.operate.lint.TypeLint.ClaimType.BOOLEAN;
import static dev.tokenbroker.operate.lint.TypeLint.ClaimType.LIST;
import static dev.tokenbroker.operate.lint.TypeLint.ClaimType.MAP;
import static dev.tokenbroker.operate.lint.TypeLint.ClaimType.NUMBER;
import static dev.tokenbroker.operate.lint.TypeLint.ClaimType.STRING;

import dev.tokenbroker.judge.policy.ClaimPath;
import dev.tokenbroker.judge.policy.ClaimTest;
import dev.tokenbroker.judge.policy.Conjunct;
import dev.tokenbroker.judge.policy.TextMatch;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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

  /** The types of claims in the documentation of known issuers. */
  static final class KnownTypes {

    private KnownTypes() {}

    /** Returns the types by claim. It has only claims with one type in all credentials. */
    static Map<String, ClaimType> of(KnownIssuer issuer) {
      Map<String, ClaimType> types = new HashMap<>();
      List.of("iss", "sub", "jti").forEach(claim -> types.put(claim, STRING));
      List.of("exp", "iat", "nbf").forEach(claim -> types.put(claim, NUMBER));
      issuer.ids().forEach(claim -> types.put(claim, STRING));
      issuer.names().forEach(claim -> types.put(claim, STRING));
      switch (issuer) {
        case GITHUB ->
            words(
                    """
                    actor actor_id base_ref environment event_name head_ref job_workflow_ref
                    job_workflow_sha ref ref_protected ref_type repository_visibility run_attempt
                    run_id run_number runner_environment sha workflow workflow_sha""")
                .forEach(claim -> types.put(claim, STRING));
        case GITLAB -> {
          words(
                  """
                  ci_config_ref_uri ci_config_sha environment environment_protected job_id
                  pipeline_id pipeline_source project_visibility ref ref_path ref_protected ref_type
                  runner_environment sha user_email user_id user_login""")
              .forEach(claim -> types.put(claim, STRING));
          types.put("runner_id", NUMBER);
          types.put("groups_direct", LIST);
        }
        case GOOGLE -> {
          types.put("hd", STRING);
          types.put("email_verified", BOOLEAN);
          types.put("google", MAP);
        }
        case KUBERNETES -> types.put("kubernetes.io", MAP);
        case BUILDKITE, TERRAFORM -> {}
      }
      return types;
    }

    private static List<String> words(String words) {
      return List.of(words.split("\\s+", -1));
    }
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
