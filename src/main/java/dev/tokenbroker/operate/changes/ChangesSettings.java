package dev.tokenbroker.operate.changes;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of the timeline of changes. */
@ConfigMapping(prefix = "token-broker.changes")
public interface ChangesSettings {

  /**
   * A file that keeps the timeline over a restart, for this process alone. Without one, a restart
   * forgets it.
   */
  Optional<Path> path();
}
