package dev.tokenbroker.peers.trust;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.vertx.core.http.ClientAuth;

/** TLS settings of the server beyond those of Quarkus; {@link CallerAuthorities} reads them. */
@ConfigMapping(prefix = "token-broker.tls")
public interface TlsSettings {

  /**
   * Whether callers must present a certificate by an authority in the server's trust store: {@code
   * required}, {@code request} for an optional certificate, or {@code none}. If the server uses the
   * default TLS configuration ({@link ServerTls}), then any value but none reserves its trust store
   * for callers.
   *
   * <p>{@code quarkus.http.ssl.client-auth} does the same, but is fixed when the application is
   * built.
   */
  @WithDefault("none")
  ClientAuth clientAuth();
}
