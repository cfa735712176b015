package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.base.jose.NumericDate;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.UnconnectedLoader;
import dev.tokenbroker.judge.credential.AssumedIdentity;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.AssumedKeys;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A federation in force and a candidate, and exchanges that end by the one in force. */
final class TestTrial {

  static final String ISS = "https://issuer.example";
  static final String AUDIENCE = "https://broker.example";

  static final String DOCUMENT =
      """
      issuers:
        - {name: acme, issuer: 'https://issuer.example', audiences: ['https://broker.example']}
      upstreams:
        - {name: sso, tokenEndpoint: 'https://sso.example/token', clientId: broker, clientAuthentication: none}
      targets:
        - {audience: orders, mint: {lifetime: 10m}}
        - {audience: payments, mint: {lifetime: 5m}}
      rules:
        - name: closed
          issuer: acme
          audience: orders
          when: claims.repository == "acme/closed"
          disabled: true
        - name: read-orders
          issuer: acme
          audience: orders
          when: claims.repository.startsWith("acme/")
          scopes: [read, write]
      """;

  final TestClock clock = new TestClock();
  final Candidate candidate;
  final Comparison comparison;
  private final Path directory;
  private Federation inForce;

  private TestTrial(Path directory, String candidate, double share) {
    this.directory = directory;
    this.inForce = load("federation.yaml", DOCUMENT);
    this.candidate = RunningComparison.loaded(write("candidate.yaml", candidate), clock);
    this.comparison =
        new Comparison(this.candidate, () -> Optional.of(inForce), Optional::empty, share);
  }

  /** A trial of this candidate that compares each exchange. */
  static TestTrial of(Path directory, String candidate) {
    return new TestTrial(directory, candidate, 1);
  }

  static TestTrial of(Path directory, String candidate, double share) {
    return new TestTrial(directory, candidate, share);
  }

  void replaceCandidate(String document) {
    write("candidate.yaml", document);
    candidate.reload();
  }

  void replaceInForce(String document) {
    inForce = load("federation.yaml", document);
  }

  private Path write(String name, String document) {
    return Unchecked.get(() -> Files.writeString(directory.resolve(name), document));
  }

  private Federation load(String name, String document) {
    LoadResult result =
        new UnconnectedLoader(true, clock).load(write(name, document), DocumentGate.OPEN);
    return switch (result) {
      case LoadResult.Loaded loaded -> loaded.federation();
      case LoadResult.Rejected rejected -> throw new AssertionError(rejected.problems());
    };
  }

  /** A request for a target, of a credential that was issued a minute ago for an hour. */
  record Ask(
      Map<String, Object> claims,
      String target,
      List<String> scopes,
      @Nullable Duration lifetime,
      boolean certificate,
      boolean proof) {

    static Ask of(String repository) {
      Instant now = TestClock.START;
      Map<String, Object> claims = new HashMap<>();
      claims.put("iss", ISS);
      claims.put("sub", "repo:" + repository);
      claims.put("aud", AUDIENCE);
      claims.put("iat", now.minusSeconds(60).getEpochSecond());
      claims.put("exp", now.plusSeconds(3_600).getEpochSecond());
      claims.put("repository", repository);
      return new Ask(claims, "orders", List.of(), null, false, false);
    }

    Ask with(String claim, Object value) {
      Map<String, Object> changed = new HashMap<>(claims);
      changed.put(claim, value);
      return withClaims(changed);
    }

    Ask withClaims(Map<String, Object> changed) {
      return new Ask(changed, target, scopes, lifetime, certificate, proof);
    }

    Ask target(String other) {
      return new Ask(claims, other, scopes, lifetime, certificate, proof);
    }

    Ask scopes(String... requested) {
      return new Ask(claims, target, List.of(requested), lifetime, certificate, proof);
    }

    Ask lifetime(Duration requested) {
      return new Ask(claims, target, scopes, requested, certificate, proof);
    }

    Ask keys() {
      return new Ask(claims, target, scopes, lifetime, true, true);
    }
  }

  /** What the federation in force judges. */
  Judged judged(Ask ask) {
    return judged(ask, new Trail());
  }

  private Judged judged(Ask ask, Trail trail) {
    TrustedIssuer issuer = inForce.issuers().entries(ISS).getFirst();
    VerifiedIdentity identity =
        AssumedIdentity.of(
            issuer,
            String.valueOf(ask.claims().get("sub")),
            NumericDate.read(Objects.requireNonNull(ask.claims().get("exp"))).orElseThrow(),
            ask.claims());
    GrantRequest request =
        inForce
            .policy()
            .bound(
                new GrantRequest(ask.target(), Set.copyOf(ask.scopes()), ask.lifetime()),
                AssumedKeys.of(ask.certificate(), ask.proof()));
    Outcome<Grant> outcome = inForce.policy().authorise(identity, request, clock.instant(), trail);
    return new Judged(
        identity,
        outcome instanceof Outcome.Accepted<Grant>(Grant grant) ? grant : null,
        ask.target(),
        ask.scopes(),
        ask.lifetime(),
        ask.certificate(),
        ask.proof(),
        null);
  }

  /** An exchange that is evaluated. */
  void miss(Ask ask) {
    Trail trail = new Trail();
    Judged judged = judged(ask, trail);
    comparison.ended(record(Intent.EXCHANGE, inForce.revision(), ask.target(), trail, judged));
  }

  /** An exchange that gets the held token of {@code judged}. */
  void hit(Judged judged) {
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", judged.target());
    trail.passed(Step.CACHE, "", "");
    comparison.ended(record(Intent.EXCHANGE, inForce.revision(), judged.target(), trail, judged));
  }

  void ended(Intent intent, String revision, Ask ask) {
    Trail trail = new Trail();
    Judged judged = judged(ask, trail);
    comparison.ended(record(intent, revision, ask.target(), trail, judged));
  }

  /** An exchange that ends before the rules. */
  void unjudged() {
    Trail trail = new Trail();
    trail.refuse(Step.TIME, Refusal.of(RefusalReason.CREDENTIAL_EXPIRED));
    comparison.ended(record(Intent.EXCHANGE, inForce.revision(), "orders", trail, null));
  }

  private ExchangeRecord record(
      Intent intent, String revision, String target, Trail trail, @Nullable Judged judged) {
    return new ExchangeRecord(
        Verdict.of("id", clock.instant(), intent, revision, target, trail),
        "grpc",
        "",
        "",
        null,
        null,
        judged,
        null,
        false,
        Duration.ZERO);
  }

  String revision() {
    return inForce.revision();
  }

  /** Compares all that waits, and returns the report. */
  CandidateReport report() {
    comparison.drain();
    return comparison.report();
  }
}
