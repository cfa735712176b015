package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.process.runtime.DefaultSettings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Settings of revocations for tests. */
public interface TestRevocations extends RevocationSettings {

  static TestRevocations inMemory() {
    return DefaultSettings.of(RevocationSettings.class, TestRevocations.class).withMaxTokens(100);
  }

  static TestRevocations in(Path file) {
    return inMemory().withPath(file);
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
  static TokenRevocation revocation(
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
  static Outcome<Revocation> revoke(Revocations revocations, MintedToken token, Deadline deadline) {
    return revocations.revoke(token.id(), token.issueTime(), token.expireTime(), deadline);
  }

  TestRevocations withMaxTokens(int other);

  TestRevocations withPath(Path other);
}
