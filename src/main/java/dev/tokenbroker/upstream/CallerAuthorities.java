package dev.tokenbroker.upstream;

import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.http.ClientAuth;
import jakarta.inject.Singleton;

/** Where the authorities stand whose certificates callers may show. */
@Singleton
public final class CallerAuthorities {

  private final boolean inDefault;

  public CallerAuthorities(TlsSettings callers, ServerSettings server) {
    this.inDefault =
        callers.clientAuth() != ClientAuth.NONE
            && server
                .tlsConfigurationName()
                .orElse(TlsConfig.DEFAULT_NAME)
                .equals(TlsConfig.DEFAULT_NAME);
  }

  /** Whether the trust store of the default TLS configuration is for callers. */
  boolean inDefault() {
    return inDefault;
  }
}
