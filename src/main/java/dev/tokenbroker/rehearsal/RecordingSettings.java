package dev.tokenbroker.rehearsal;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The settings of the recording of judged requests for replay. */
@ConfigMapping(prefix = "token-broker.recording")
public interface RecordingSettings {

  /** The file of the recording, used only by this process. Without it, the recording is off. */
  Optional<Path> path();

  /** Claims to record besides those that rules read. */
  Optional<List<String>> claims();

  /** Claims that are never recorded. */
  Optional<List<String>> drop();

  /** The most distinct requests to keep in total; 100 to 1000000. */
  @WithDefault("50000")
  int maxRequests();

  /** The most distinct requests to keep of each rule, chosen at random; 10 to 100000. */
  @WithDefault("2000")
  int maxPerRule();

  /** The interval between writes of the file; 1 s to 1 h. */
  @WithDefault("10s")
  Duration writeInterval();

  /** The age at which a new file begins; 1 m to 30 d. */
  @WithDefault("24h")
  Duration rotateAfter();

  /** The number of earlier files to keep; 0 to 100. */
  @WithDefault("7")
  int keepFiles();
}
