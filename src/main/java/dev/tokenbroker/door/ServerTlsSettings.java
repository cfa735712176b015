package dev.tokenbroker.door;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.vertx.core.http.ClientAuth;

/** Settings of the server's TLS beyond those of Quarkus. */
@ConfigMapping(prefix = "token-broker.tls")
public interface ServerTlsSettings {

  /**
   * Whether callers must show a certificate by an authority in the server's trust store: {@code
   * required}, {@code request} for only those who have one, or {@code none}.
   *
   * <p>Quarkus has the same as {@code quarkus.http.ssl.client-auth}, which is fixed when the
   * application is built.
   */
  @WithDefault("none")
  ClientAuth clientAuth();
}
