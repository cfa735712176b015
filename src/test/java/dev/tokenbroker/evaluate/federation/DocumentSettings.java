package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.process.runtime.DefaultSettings;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The settings of a document that a test watches itself. */
public interface DocumentSettings extends FederationSettings {

  static DocumentSettings of(@Nullable Path path, Duration pollInterval) {
    DocumentSettings defaults =
        DefaultSettings.of(FederationSettings.class, DocumentSettings.class)
            .withPollInterval(pollInterval);
    return path == null ? defaults : defaults.withPath(path);
  }

  DocumentSettings withPath(Path other);

  DocumentSettings withPollInterval(Duration other);
}
