package dev.tokenbroker.operate.changes.shape;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.SignedClaims;
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
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A watch of the shapes of several issuers, and exchanges that end with their credentials. */
final class WatchedIssuers {

  static final String ISS = "https://token.actions.githubusercontent.com";

  final TestClock clock = new TestClock();
  final List<Change> changes = new ArrayList<>();
  final ShapeWatch watch;
  private final Path directory;
  private Federation federation;

  WatchedIssuers(Path directory, String document) {
    this.directory = directory;
    this.federation = load(document);
    this.watch = new ShapeWatch(changes::add, () -> Optional.of(federation), clock);
  }

  /** An issuer named github, with the rules of that text. */
  static String document(String rules) {
    return """
    issuers:
      - {name: github, issuer: '%s', audiences: ['https://broker.example']}
    targets:
      - {audience: orders, mint: {lifetime: 10m}}
    rules:
    %s
    """
        .formatted(ISS, rules);
  }

  static String rule(String name, String when) {
    return "  - {name: %s, issuer: github, audience: orders, when: '%s', subject: '\"x\"'}\n"
        .formatted(name, when);
  }

  void replace(String document) {
    federation = load(document);
  }

  private Federation load(String document) {
    try {
      Path file = Files.writeString(directory.resolve("federation.yaml"), document);
      return switch (new UnconnectedLoader(true, clock).load(file, DocumentGate.OPEN)) {
        case LoadResult.Loaded loaded -> loaded.federation();
        case LoadResult.Rejected rejected -> throw new AssertionError(rejected.problems());
      };
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** An accepted exchange, which is looked at at once. */
  void accepted(Map<String, Object> claims) {
    ended(claims, new Trail());
  }

  /** An exchange that no rule matches, which is looked at at once. */
  void refused(Map<String, Object> claims) {
    Trail trail = new Trail();
    trail.refuse(Step.RULE, Refusal.of(RefusalReason.NO_RULE_MATCHED));
    ended(claims, trail);
  }

  private void ended(Map<String, Object> claims, Trail trail) {
    trail.issuer("github");
    offer(record(trail, judged(claims), null, UUID.randomUUID().toString()));
    round();
  }

  /** An exchange of a credential for another audience, which is looked at at once. */
  void misdirected(Map<String, Object> claims) {
    Trail trail = new Trail();
    trail.issuer("github");
    trail.refuse(Step.AUDIENCE, Refusal.of(RefusalReason.AUDIENCE_MISMATCH));
    offer(record(trail, null, new SignedClaims(claims), UUID.randomUUID().toString()));
    round();
  }

  void offer(ExchangeRecord record) {
    watch.ended(record);
  }

  /** Looks at what waits. */
  void round() {
    watch.drain();
  }

  Judged judged(Map<String, Object> claims) {
    return new Judged(
        AssumedIdentity.of(
            federation.issuers().entries(ISS).getFirst(),
            String.valueOf(claims.get("sub")),
            TestClock.START.plusSeconds(600),
            claims),
        null,
        "orders",
        List.of(),
        null,
        false,
        false,
        null);
  }

  ExchangeRecord record(
      Trail trail, @Nullable Judged judged, @Nullable SignedClaims misdirected, String digest) {
    return new ExchangeRecord(
        Verdict.of("id", clock.instant(), Intent.EXCHANGE, federation.revision(), "orders", trail),
        "grpc",
        "",
        digest,
        null,
        null,
        judged,
        misdirected,
        false,
        Duration.ZERO);
  }
}
