package dev.tokenbroker.peers.trust;

import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfig;
import java.util.Optional;

/** Finds the configuration of the TLS registry that the server uses, as Quarkus chooses it. */
public final class ServerTls {

  private ServerTls() {}

  /**
   * The name of that configuration: the one in the settings, else the default one if it has a key
   * pair. Empty otherwise: then {@code quarkus.http.ssl.certificate} alone configures the server,
   * its trust included.
   */
  public static Optional<String> configuration(
      ServerSettings server, TlsConfigurationRegistry registry) {
    return configuration(
        server, registry.getDefault().filter(one -> one.getKeyStoreOptions() != null).isPresent());
  }

  static Optional<String> configuration(ServerSettings server, boolean defaultHasKeys) {
    return server
        .tlsConfigurationName()
        .or(() -> defaultHasKeys ? Optional.of(TlsConfig.DEFAULT_NAME) : Optional.empty());
  }
}
