package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.trust.AuthorityFile;
import dev.tokenbroker.peers.trust.AuthorityFile.UnusableAuthorities;
import dev.tokenbroker.peers.trust.AuthorityFile.UsableAuthorities;
import dev.tokenbroker.peers.trust.ClientCertificateRequests;
import dev.tokenbroker.peers.trust.DefaultTrust;
import dev.tokenbroker.peers.trust.ExplainedTrust;
import dev.tokenbroker.peers.trust.PeerTls;
import dev.tokenbroker.peers.trust.TlsLookup;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.impl.HttpClientConnection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP client for each TLS of a peer and use, made on first use. Safe for use by several
 * threads.
 *
 * <p>HTTP/1.1 without compression and without keep-alive. Documents are fetched minutes apart, so
 * the peer would be closing most kept connections. Forms bring tokens: surplus bytes from a peer or
 * a proxy must not be taken for the response to the next form, which belongs to another workload.
 * Without keep-alive, new trust takes effect at once.
 */
@Singleton
public final class HttpClients {

  static final int MAX_CONNECTIONS_PER_HOST = 4;

  /** As many as one guard lets through at most; all upstreams on one host share them. */
  public static final int MAX_FORM_CONNECTIONS_PER_HOST = 256;

  static final int MAX_WAITING = 64;
  static final int MAX_HEADER_BYTES = 16 * 1024;
  static final int MAX_STATUS_LINE_BYTES = 4 * 1024;

  private static final long UNUSED_MILLIS = 1_000;

  /** For how long a TLS session may be resumed; the JDK would do so for a day. */
  private static final int MAX_RESUMED_SECONDS = 300;

  private static final Duration MIN_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

  /**
   * The use of a client; one use does not wait for connections of the other. Responses to {@link
   * #FORMS} are read to their end with any status, others with status 200; of an error, the part
   * that comes at once.
   */
  enum ClientUse {
    DOCUMENTS(MAX_CONNECTIONS_PER_HOST),
    FORMS(MAX_FORM_CONNECTIONS_PER_HOST),
    PROBES(MAX_CONNECTIONS_PER_HOST);

    private final int connectionsPerHost;

    ClientUse(int connectionsPerHost) {
      this.connectionsPerHost = connectionsPerHost;
    }
  }

  private final Vertx vertx;
  private final Duration timeout;
  private final TlsLookup configurations;
  private final Map<ClientKey, PooledClient> clients = new HashMap<>();

  /** Replaced clients, not closed yet because of calls under way. */
  private final Set<HttpClient> former = new HashSet<>();

  private boolean closed;

  private record ClientKey(PeerTls tls, ClientUse use) {}

  /** The clients of the broker, with the TLS configurations of the application server. */
  @Inject
  HttpClients(Vertx vertx, PeerSettings settings, DefaultTrust trust) {
    this(vertx, settings.fetchTimeout(), trust);
  }

  /** Refuses a timeout below 100 ms or above a minute: no fetch with it makes sense. */
  HttpClients(Vertx vertx, Duration timeout, TlsLookup configurations) {
    limits(timeout).require();
    this.vertx = vertx;
    this.timeout = timeout;
    this.configurations = configurations;
  }

  /** The valid range of the timeout. */
  static SettingLimits limits(Duration timeout) {
    return new SettingLimits("token-broker.upstream.")
        .within("fetch-timeout", timeout, MIN_TIMEOUT, MAX_TIMEOUT);
  }

  /** A client, or the reason why there is none. */
  sealed interface NamedClient permits PooledClient, CallFailed {}

  /** The client for that TLS; none after {@link #close}. */
  NamedClient named(PeerTls tls, ClientUse use) {
    ClientKey key = new ClientKey(tls, use);
    return switch (tls) {
      case PeerTls.ConfiguredTls(String name) ->
          client(key, List.of(), options -> configurations.configure(name, options))
              .orElseGet(
                  () ->
                      new CallFailed(
                          FetchFailure.TLS_NOT_CONFIGURED,
                          "there is no TLS configuration "
                              + name
                              + ", or it trusts every certificate"));
      // Read without the lock: the file may be on a slow disk.
      case PeerTls.TrustedFile(Path file) ->
          switch (AuthorityFile.read(file)) {
            case UnusableAuthorities(String problem) ->
                new CallFailed(FetchFailure.TLS_NOT_CONFIGURED, problem);
            case UsableAuthorities usable ->
                client(
                        key,
                        usable.certificates(),
                        options -> options.setTrustOptions(usable.trust()) != null)
                    .orElseThrow();
          };
    };
  }

  /**
   * The client with that key; replaces one with other authorities.
   *
   * @param authorities those of the file; empty without a file
   * @param configure puts the trust into the options; false if there is none
   * @return empty if there is no trust
   */
  private synchronized Optional<NamedClient> client(
      ClientKey key, List<X509Certificate> authorities, Predicate<HttpClientOptions> configure) {
    PooledClient held = clients.get(key);
    if (held != null && held.authorities().equals(authorities)) {
      return Optional.of(held);
    }
    if (closed) {
      return Optional.of(ending());
    }
    HttpClientOptions options = new HttpClientOptions();
    if (!configure.test(options)) {
      return Optional.empty();
    }
    drop(key);
    try {
      PooledClient made = create(key.use(), authorities, options);
      clients.put(key, made);
      return Optional.of(made);
    } catch (RejectedExecutionException ending) { // the process ends, with its event loops
      return Optional.of(ending());
    }
  }

  /** Drops the clients, so that the next call uses the current certificates. */
  synchronized void refresh(@Nullable String name) {
    for (ClientUse use : ClientUse.values()) {
      drop(new ClientKey(new PeerTls.ConfiguredTls(name), use));
    }
  }

  private synchronized void drop(ClientKey key) {
    PooledClient old = clients.remove(key);
    if (old != null) {
      // Calls under way may finish: each ends within the timeout.
      former.add(old.http());
      vertx.setTimer(timeout.multipliedBy(2).toMillis(), timer -> closeFormer(old.http()));
    }
  }

  /** Ends the calls under way, and makes no more clients. */
  synchronized void close() {
    closed = true;
    clients.values().forEach(pooled -> pooled.http().close());
    clients.clear();
    former.forEach(HttpClient::close);
    former.clear();
  }

  private synchronized void closeFormer(HttpClient old) {
    if (former.remove(old)) {
      old.close();
    }
  }

  private static CallFailed ending() {
    return new CallFailed(FetchFailure.UNREACHABLE, "not connected, the process is ending");
  }

  private PooledClient create(
      ClientUse use, List<X509Certificate> authorities, HttpClientOptions options) {
    InstantSource clock = InstantSource.system();
    ExplainedTrust trust = new ExplainedTrust(options, clock);
    ClientCertificateRequests requests = new ClientCertificateRequests(options.getKeyCertOptions());
    options
        .setTrustAll(false)
        .setVerifyHost(true)
        .setUseAlpn(false)
        .setKeepAlive(false)
        .setDecompressionSupported(false)
        .setMaxHeaderSize(MAX_HEADER_BYTES)
        .setMaxInitialLineLength(MAX_STATUS_LINE_BYTES)
        .setConnectTimeout((int) timeout.toMillis())
        .setKeyCertOptions(requests);
    PoolOptions pool =
        new PoolOptions().setHttp1MaxSize(use.connectionsPerHost).setMaxWaitQueueSize(MAX_WAITING);
    HttpClient http =
        vertx
            .httpClientBuilder()
            .with(options)
            .with(pool)
            .withConnectHandler(this::connected)
            .build();
    return new PooledClient(
        http,
        authorities,
        trust,
        requests,
        List.copyOf(options.getEnabledSecureTransportProtocols()),
        clock);
  }

  private void connected(HttpConnection made) {
    limitResumption(made.sslSession());
    closeWhereUnused(made);
  }

  /** Without the limit, a server could change its certificate unseen for a day. */
  private static void limitResumption(@Nullable SSLSession session) {
    SSLSessionContext sessions = session == null ? null : session.getSessionContext();
    if (sessions != null && sessions.getSessionTimeout() != MAX_RESUMED_SECONDS) {
      sessions.setSessionTimeout(MAX_RESUMED_SECONDS);
    }
  }

  /**
   * Closes a connection that was made too late for its request: its pool is gone by then, so
   * nothing else would close it. Each connection is for one request.
   */
  private void closeWhereUnused(HttpConnection made) {
    vertx.setTimer(
        UNUSED_MILLIS,
        _ -> {
          if (made instanceof HttpClientConnection connection && connection.activeStreams() == 0) {
            made.close();
          }
        });
  }
}
