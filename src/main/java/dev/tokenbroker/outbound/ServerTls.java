package dev.tokenbroker.outbound;

import io.quarkus.tls.runtime.config.TlsConfig;
import java.util.Optional;

/** Which configuration of the TLS registry the server uses, as Quarkus chooses it. */
public final class ServerTls {

  private ServerTls() {}

  /**
   * The name of that configuration: the one that the settings name, else the default one where that
   * has a key pair. Empty where it is neither: then the server goes by {@code
   * quarkus.http.ssl.certificate} alone, in whom it trusts, too.
   */
  public static Optional<String> configuration(ServerSettings server, boolean defaultHasKeys) {
    return server
        .tlsConfigurationName()
        .or(() -> defaultHasKeys ? Optional.of(TlsConfig.DEFAULT_NAME) : Optional.empty());
  }
}
