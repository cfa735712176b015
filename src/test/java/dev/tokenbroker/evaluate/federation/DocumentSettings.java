package dev.tokenbroker.evaluate.federation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The settings of a document that a test watches itself. */
public record DocumentSettings(Optional<Path> path, Duration pollInterval)
    implements FederationSettings {

  @Override
  public Optional<String> rootFile() {
    return Optional.empty();
  }

  @Override
  public Optional<Path> candidatePath() {
    return Optional.empty();
  }

  @Override
  public double candidateShare() {
    return 0.1;
  }
}
