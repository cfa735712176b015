package dev.tokenbroker.operate.recording;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The settings of the recording of judged requests for replay. */
@ConfigMapping(prefix = "token-broker.recording")
public interface RecordingSettings {

  /** Whether the broker records. Operators read the recording at {@code GET /recording}. */
  @WithDefault("false")
  boolean enabled();

  /** The file that also gets the recording, used only by this process. */
  Optional<Path> path();

  /** Claims to record besides those that rules read, as they are in the credential. */
  Optional<List<String>> claims();

  /** Claims that are never recorded. */
  Optional<List<String>> drop();

  /** The most distinct requests to keep in total; 100 to 1000000. */
  @WithDefault("50000")
  int maxRequests();

  /** The most distinct requests to keep of each rule, chosen at random; 10 to 100000. */
  @WithDefault("2000")
  int maxPerRule();

  /** The most bytes of a recording; 1 MiB to 1 GiB. */
  @WithDefault("33554432")
  long maxBytes();

  /** The interval between writes of the file; 1 s to 1 h. */
  @WithDefault("10s")
  Duration writeInterval();

  /** The age at which the broker begins a new recording; 1 m to 30 d. */
  @WithDefault("24h")
  Duration rotateAfter();

  /** The number of earlier files to keep; 0 to 100. */
  @WithDefault("7")
  int keepFiles();
}
