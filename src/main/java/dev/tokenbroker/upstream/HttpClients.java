package dev.tokenbroker.upstream;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP client for each TLS configuration, made at its first use. Safe for use by several
 * threads.
 *
 * <p>HTTP/1.1 without compression and without connections kept alive: documents are fetched minutes
 * apart, so a kept connection would mostly be one that the peer is just closing, and new trust
 * takes hold at once.
 */
final class HttpClients {

  static final int MAX_CONNECTIONS_PER_HOST = 4;
  static final int MAX_WAITING = 64;
  static final int MAX_HEADER_BYTES = 16 * 1024;
  static final int MAX_STATUS_LINE_BYTES = 4 * 1024;
  static final Duration MIN_TIMEOUT = Duration.ofMillis(100);
  static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

  /** No configuration can have this name, which stands for the default one. */
  private static final String DEFAULT = "";

  private final Vertx vertx;
  private final Duration timeout;
  private final TlsLookup tls;
  private final ConcurrentMap<String, HttpClient> clients = new ConcurrentHashMap<>();

  /** Refuses a timeout below 100 ms and above a minute: no such fetch makes sense. */
  HttpClients(Vertx vertx, Duration timeout, TlsLookup tls) {
    if (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "token-broker.upstream.fetch-timeout must be from 100 ms to 1 min, not " + timeout);
    }
    this.vertx = vertx;
    this.timeout = timeout;
    this.tls = tls;
  }

  /** The client for that configuration; empty where there is no such configuration to be used. */
  Optional<HttpClient> named(@Nullable String name) {
    return Optional.ofNullable(
        clients.computeIfAbsent(name == null ? DEFAULT : name, key -> create(name)));
  }

  /** Forgets the client, so that the next call uses the certificates as they are now. */
  void refresh(@Nullable String name) {
    HttpClient old = clients.remove(name == null ? DEFAULT : name);
    if (old != null) {
      // Calls under way are let finish: each ends within the timeout.
      vertx.setTimer(timeout.multipliedBy(2).toMillis(), timer -> old.close());
    }
  }

  void close() {
    clients.values().forEach(HttpClient::close);
    clients.clear();
  }

  private @Nullable HttpClient create(@Nullable String name) {
    HttpClientOptions options = new HttpClientOptions();
    if (!tls.configure(name, options)) {
      return null;
    }
    options
        .setTrustAll(false)
        .setVerifyHost(true)
        .setUseAlpn(false)
        .setKeepAlive(false)
        .setDecompressionSupported(false)
        .setMaxHeaderSize(MAX_HEADER_BYTES)
        .setMaxInitialLineLength(MAX_STATUS_LINE_BYTES)
        .setConnectTimeout((int) timeout.toMillis());
    PoolOptions pool =
        new PoolOptions()
            .setHttp1MaxSize(MAX_CONNECTIONS_PER_HOST)
            .setMaxWaitQueueSize(MAX_WAITING);
    return vertx.createHttpClient(options, pool);
  }
}
