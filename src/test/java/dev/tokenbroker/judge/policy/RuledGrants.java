package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentities;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.expression.Expression;
import dev.tokenbroker.judge.expression.Expressions;
import dev.tokenbroker.judge.expression.Expressions.Compiled;
import dev.tokenbroker.judge.issuer.FixedKeys;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import dev.tokenbroker.judge.issuer.TestIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Grants as rules give them, past all checks of the policy. */
public final class RuledGrants {

  private static final Expressions EXPRESSIONS = new Expressions();

  /** Whose credentials they are given for. */
  public static final TrustedIssuer ISSUER =
      TestIssuers.of(
          "github",
          "https://token.actions.githubusercontent.com",
          FixedKeys.of(
              new KeySetDocument(
                  List.of(
                      VerificationKey.of(TestKey.generate("k", SigningAlgorithm.ES256).jwk())
                          .orElseThrow()),
                  Map.of())),
          TestIssuers.AUDIENCE);

  private RuledGrants() {}

  /**
   * What a rule grants to a credential of that subject, whose values it takes over as extra claims
   * by these names; empty where it cannot.
   */
  public static Optional<Grant> of(
      String audience, String subject, List<String> scopes, Map<String, Object> claims) {
    Map<String, Expression> expressions = new TreeMap<>();
    List<Object> values = new ArrayList<>();
    claims.forEach(
        (name, value) -> {
          expressions.put(name, ok(EXPRESSIONS.claim("claims.values[" + values.size() + "]")));
          values.add(value);
        });
    Rule rule =
        new Rule(
            "r",
            ISSUER.name(),
            audience,
            ok(EXPRESSIONS.condition("true")),
            new Terms(null, scopes, expressions, false),
            false);
    Policy policy =
        Policy.of(List.of(Target.mint(audience, Duration.ofMinutes(10))), List.of(rule));
    VerifiedIdentity identity =
        VerifiedIdentities.of(ISSUER, Map.of("sub", subject, "values", values));
    GrantRequest request = new GrantRequest(audience, Set.of(), null);
    return switch (policy.authorise(identity, request, TestClock.START, new Trail())) {
      case Outcome.Accepted<Grant>(Grant grant) -> Optional.of(grant);
      case Outcome.Refused<Grant> _ -> Optional.empty();
    };
  }

  /** What came of a source without mistakes. */
  public static <T> T ok(Compiled<T> compiled) {
    return switch (compiled) {
      case Compiled.Ok<T>(T value) -> value;
      case Compiled.Bad<T>(List<Compiled.Mistake> mistakes) -> throw new AssertionError(mistakes);
    };
  }
}
