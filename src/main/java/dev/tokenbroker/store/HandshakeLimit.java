package dev.tokenbroker.store;

import io.quarkus.redis.client.RedisOptionsCustomizer;
import io.vertx.redis.client.RedisOptions;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/**
 * Limits the TLS handshake with the store, as {@code quarkus.redis.tcp.connection-timeout} limits
 * the connection before it. Vert.x would wait 10 s, and Quarkus has no setting for it. Meanwhile
 * one sentinel that hangs would keep all calls from the others.
 */
@Singleton
final class HandshakeLimit implements RedisOptionsCustomizer {

  private static final long SECONDS = 1;

  @Override
  public void customize(String clientName, RedisOptions options) {
    var _ =
        options
            .getNetClientOptions()
            .setSslHandshakeTimeout(SECONDS)
            .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS);
  }
}
