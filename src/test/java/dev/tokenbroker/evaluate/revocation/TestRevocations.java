package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings of revocations for tests. */
public record TestRevocations(int maxTokens, Optional<Path> path) implements RevocationSettings {

  public static TestRevocations inMemory() {
    return new TestRevocations(100, Optional.empty());
  }

  public static TestRevocations in(Path file) {
    return new TestRevocations(100, Optional.of(file));
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
