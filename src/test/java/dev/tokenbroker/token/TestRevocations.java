package dev.tokenbroker.token;

import java.nio.file.Path;
import java.util.Optional;

/** Settings of revocations for tests. */
public record TestRevocations(int maxTokens, Optional<Path> path) implements RevocationSettings {

  public static TestRevocations inMemory() {
    return new TestRevocations(100, Optional.empty());
  }

  static TestRevocations in(Path file) {
    return new TestRevocations(100, Optional.of(file));
  }

  TestRevocations atMost(int tokens) {
    return new TestRevocations(tokens, path);
  }
}
