package dev.tokenbroker.peers.trust;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** The Quarkus settings of the server that {@link ServerTls} uses. */
@ConfigMapping(prefix = "quarkus.http")
public interface ServerSettings {

  /** The TLS configuration of the server. */
  Optional<String> tlsConfigurationName();
}
