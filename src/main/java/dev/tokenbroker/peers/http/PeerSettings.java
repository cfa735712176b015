package dev.tokenbroker.peers.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Settings for calls to other services. */
@ConfigMapping(prefix = "token-broker.upstream")
public interface PeerSettings {

  /**
   * The longest time for a whole fetch: lookup, connection, reading, redirects. From 100 ms to a
   * minute.
   */
  @WithDefault("10s")
  Duration fetchTimeout();

  /**
   * The HTTP proxy that connects outbound calls to other hosts by CONNECT, as {@code host:port}.
   * The proxy resolves and checks the addresses then. Default: the broker connects by itself.
   */
  Optional<String> proxy();

  /** Whether plain http is allowed to a loopback address; for development and tests only. */
  @WithDefault("false")
  boolean allowHttpToLoopback();
}
