package dev.tokenbroker.upstream;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** What {@link CallerAuthorities} goes by of the settings that Quarkus has for the server. */
@ConfigMapping(prefix = "quarkus.http")
public interface ServerSettings {

  /** The TLS configuration that the server uses; the default one where none is named. */
  Optional<String> tlsConfigurationName();
}
