package dev.tokenbroker.outbound;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** What {@link ServerTls} goes by of the settings that Quarkus has for the server. */
@ConfigMapping(prefix = "quarkus.http")
public interface ServerSettings {

  /** The TLS configuration that the server is to use. */
  Optional<String> tlsConfigurationName();
}
