package dev.tokenbroker.bench;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.judge.credential.JwtVerifier;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.expression.Expressions;
import dev.tokenbroker.judge.expression.Expressions.Compiled;
import dev.tokenbroker.judge.issuer.FixedKeys;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.policy.Terms;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The steps of an exchange with one ES256 issuer, its keys at hand, and ten rules of which the last
 * admits: everything but the network, the edges and the record.
 */
final class Broker {

  private static final String TARGET = "payments-api";
  private static final int RULES = 10;

  private final TestClock clock = new TestClock();
  private final TestKey key = TestKey.generate("es-1", SigningAlgorithm.ES256);
  private final PresentedCredential credential =
      new PresentedCredential(
          "urn:ietf:params:oauth:token-type:jwt", TestCredential.of(key).sign());
  private final TrustedIssuers issuers = TrustedIssuers.of(List.of(issuer(key)));
  private final GrantRequest request = new GrantRequest(TARGET, Set.of(), null);
  private final JwtVerifier verifier;
  private final Policy policy = policy();
  private final JwtMinter minter;

  Broker(SignatureProvider provider) {
    TestTokenSettings settings = TestTokenSettings.defaults();
    this.verifier = TestVerifiers.of(clock, provider);
    this.minter =
        new JwtMinter(
            new SigningKeys(settings, provider, clock, ChangeListener.NONE), settings, clock);
  }

  String compact() {
    return credential.value();
  }

  Outcome<VerifiedIdentity> verify(Trail trail) {
    return verifier.verify(credential, issuers, Deadline.after(Duration.ofSeconds(10)), trail);
  }

  Outcome<Grant> decide(VerifiedIdentity identity, Trail trail) {
    return policy.authorise(identity, request, clock.instant(), trail);
  }

  Outcome<IssuedToken> mint(Grant grant) {
    return minter.mint(grant);
  }

  Outcome<IssuedToken> exchange() {
    Trail trail = new Trail();
    return verify(trail).then(identity -> decide(identity, trail)).then(this::mint);
  }

  private static TrustedIssuer issuer(TestKey key) {
    return new TrustedIssuer(
        "github",
        TestCredential.ISSUER,
        Set.of(TestCredential.AUDIENCE),
        EnumSet.allOf(SigningAlgorithm.class),
        Duration.ofSeconds(60),
        null,
        false,
        false,
        FixedKeys.of(
            new KeySetDocument(List.of(VerificationKey.of(key.jwk()).orElseThrow()), Map.of())),
        false,
        false);
  }

  private static Policy policy() {
    Expressions expressions = new Expressions();
    Terms terms =
        new Terms(
            compiled(expressions.subject("\"repo:\" + claims.repository")),
            List.of("deploy", "read"),
            Map.of("run", compiled(expressions.claim("claims.run_number"))),
            false);
    List<Rule> rules =
        IntStream.rangeClosed(1, RULES)
            .mapToObj(
                number ->
                    new Rule(
                        "rule-" + number,
                        "github",
                        TARGET,
                        compiled(
                            expressions.condition(
                                "claims.repository == \"acme/payments\" && claims.run_number == "
                                    + number)),
                        terms,
                        false))
            .toList();
    return Policy.of(List.of(Target.mint(TARGET, Duration.ofMinutes(10))), rules);
  }

  private static <T> T compiled(Compiled<T> compiled) {
    return switch (compiled) {
      case Compiled.Ok<T>(T value) -> value;
      case Compiled.Bad<T> bad -> throw new IllegalStateException(bad.toString());
    };
  }
}
