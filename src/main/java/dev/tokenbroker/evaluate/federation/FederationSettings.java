package dev.tokenbroker.evaluate.federation;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings for the federation document. */
@ConfigMapping(prefix = "token-broker.federation")
public interface FederationSettings {

  /** A YAML file, or a directory whose *.yaml and *.yml files are read as one document. */
  Optional<Path> path();

  /** How often the files are checked for a change, at least 100 ms; zero for never. */
  @WithDefault("2s")
  Duration pollInterval();

  /**
   * A YAML file, or a directory of them: the candidate, which the broker judges beside the document
   * in force. Without it, nothing is compared.
   */
  Optional<Path> candidatePath();

  /** The share of exchanges that the candidate judges as well; above 0, and at most 1. */
  @WithDefault("0.1")
  double candidateShare();
}
