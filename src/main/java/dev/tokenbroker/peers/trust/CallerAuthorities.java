package dev.tokenbroker.peers.trust;

import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.http.ClientAuth;
import jakarta.inject.Singleton;

/** Knows which TLS configuration holds the authorities that certificates of callers come from. */
@Singleton
public final class CallerAuthorities {

  private final TlsSettings callers;
  private final ServerSettings server;

  public CallerAuthorities(TlsSettings callers, ServerSettings server) {
    this.callers = callers;
    this.server = server;
  }

  /**
   * Whether the trust store of the default TLS configuration is for callers.
   *
   * @param defaultHasKeys whether that configuration has a key pair
   */
  boolean inDefault(boolean defaultHasKeys) {
    return callers.clientAuth() != ClientAuth.NONE
        && ServerTls.configuration(server, defaultHasKeys)
            .filter(TlsConfig.DEFAULT_NAME::equals)
            .isPresent();
  }
}
