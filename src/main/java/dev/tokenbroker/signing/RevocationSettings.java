package dev.tokenbroker.signing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of the list of revoked tokens. */
@ConfigMapping(prefix = "token-broker.revocation")
public interface RevocationSettings {

  /** How many revoked tokens are kept at most, each until it expires. */
  @WithDefault("100000")
  int maxTokens();

  /**
   * A file that keeps revocations over a restart, for this process alone. Without one, a restart
   * forgets them.
   */
  Optional<Path> path();
}
