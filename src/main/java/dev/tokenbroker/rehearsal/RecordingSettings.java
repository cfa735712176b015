package dev.tokenbroker.rehearsal;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the broker records of the requests that its rules judged, for replay. */
@ConfigMapping(prefix = "token-broker.recording")
public interface RecordingSettings {

  /** How a claim stands in the recording. */
  enum Mode {
    /** As it is. */
    CLEAR,
    /** As an HMAC-SHA-256 with the operator's key: equal values stay equal. */
    KEYED,
    /** Not at all. */
    DROP
  }

  /** The file of the recording, used by this process only; without it, nothing is recorded. */
  Optional<Path> path();

  /** The file of 32 to 4096 bytes that holds the key of {@code keyed} claims. */
  Optional<Path> keyFile();

  /** Claims to record besides those that rules read. */
  Optional<List<String>> claims();

  /** Claims that are recorded as they are. */
  Optional<List<String>> clear();

  /** Claims that are never recorded. */
  Optional<List<String>> drop();

  /** How all other claims are recorded. */
  @WithDefault("keyed")
  Mode otherClaims();

  /** How many distinct requests are kept in all; 100 to 1000000. */
  @WithDefault("50000")
  int maxRequests();

  /** How many distinct requests are kept of each rule, drawn by chance; 10 to 100000. */
  @WithDefault("2000")
  int maxPerRule();

  /** How often the file is written; 1 s to 1 h. */
  @WithDefault("10s")
  Duration writeInterval();

  /** After what time a new file begins; 1 m to 30 d. */
  @WithDefault("24h")
  Duration rotateAfter();

  /** How many earlier files are kept; 0 to 100. */
  @WithDefault("7")
  int keepFiles();
}
