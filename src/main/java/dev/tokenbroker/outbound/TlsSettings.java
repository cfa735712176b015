package dev.tokenbroker.outbound;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.vertx.core.http.ClientAuth;

/**
 * Settings of TLS beyond those of Quarkus: of the server's, and thereby of {@link
 * CallerAuthorities}.
 */
@ConfigMapping(prefix = "token-broker.tls")
public interface TlsSettings {

  /**
   * Whether callers must show a certificate by an authority in the server's trust store: {@code
   * required}, {@code request} for only those who have one, or {@code none}. Unless it is none, the
   * trust store of the default TLS configuration, where the server uses that ({@link ServerTls}),
   * vouches for callers alone.
   *
   * <p>Quarkus has the same as {@code quarkus.http.ssl.client-auth}, which is fixed when the
   * application is built.
   */
  @WithDefault("none")
  ClientAuth clientAuth();
}
