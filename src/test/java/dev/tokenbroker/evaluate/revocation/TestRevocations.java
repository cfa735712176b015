package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import dev.tokenbroker.issue.signing.TestTokens;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Settings of revocations for tests. */
public record TestRevocations(int maxTokens, Optional<Path> path) implements RevocationSettings {

  public static TestRevocations inMemory() {
    return new TestRevocations(100, Optional.empty());
  }

  public static TestRevocations in(Path file) {
    return new TestRevocations(100, Optional.of(file));
  }

  /** Revocation without a federation, and without tokens of upstreams. */
  static TokenRevocation revocation(
      TestTokens tokens, CallerAccess access, LifecycleObservers observers, InstantSource clock) {
    return new TokenRevocation(
        access,
        tokens.minted(),
        new UpstreamTokens(clock),
        Optional::empty,
        tokens.revocations(),
        observers,
        clock);
  }

  /** Revocation for bearers of tokens with the right, and for holders. */
  public static TokenRevocation revocation(
      TestTokens tokens,
      UpstreamTokens upstreamTokens,
      Federation federation,
      LifecycleObserver observer,
      InstantSource clock) {
    return new TokenRevocation(
        TestAccess.listing(tokens.brokerTokens(), List.of(), List.of()),
        tokens.minted(),
        upstreamTokens,
        () -> Optional.of(federation),
        tokens.revocations(),
        TestObservers.of(observer),
        clock);
  }

  /** Revokes that token. */
  public static Outcome<Revocation> revoke(
      Revocations revocations, MintedToken token, Deadline deadline) {
    return revocations.revoke(token.id(), token.issueTime(), token.expireTime(), deadline);
  }

  public TestRevocations atMost(int tokens) {
    return new TestRevocations(tokens, path);
  }

  @Override
  public Duration maxSilence() {
    return Duration.ofSeconds(2);
  }
}
