package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings for the federation document. */
@ConfigMapping(prefix = "token-broker.federation")
public interface FederationSettings {

  /** A YAML file, or a directory whose *.yaml and *.yml files are read as one document. */
  Optional<Path> path();

  /**
   * The root document, a file outside that directory: its {@code owners} give each file of the
   * directory its rights. Without it, no file may have owners, and each may write everything.
   */
  Optional<Path> root();

  /** How often the files are checked for a change, at least 100 ms; zero for never. */
  @WithDefault("2s")
  Duration pollInterval();

  /**
   * A YAML file, or a directory of them: the candidate, which the broker judges beside the document
   * in force. Without it, nothing is compared.
   */
  Optional<Path> candidatePath();

  /** The root document of the candidate. Without it, that of the document in force. */
  Optional<Path> candidateRoot();

  /** The share of exchanges that the candidate judges as well; above 0, and at most 1. */
  @WithDefault("0.1")
  double candidateShare();

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(FederationSettings settings) {
    Duration poll = settings.pollInterval();
    return new SettingLimits("token-broker.federation.")
        .demand(
            settings.path().isPresent(),
            "path",
            "is not set.",
            "Set it to the federation document, or to a directory of them.")
        .demand(
            poll.isZero() || poll.compareTo(Duration.ofMillis(100)) >= 0,
            "poll-interval",
            "is shorter than 100 ms.",
            "Set it to how often the document is looked at, or to 0s for never.")
        .demand(
            settings.candidateShare() > 0 && settings.candidateShare() <= 1,
            "candidate-share",
            "is " + settings.candidateShare() + ".",
            "Set it above 0 and to 1 at most; to compare nothing, remove candidate-path.")
        .unfit();
  }
}
