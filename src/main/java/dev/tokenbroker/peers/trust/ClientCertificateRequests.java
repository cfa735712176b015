package dev.tokenbroker.peers.trust;

import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the certificate of other options, and remembers which servers requested one. A server may
 * end the connection for it with any alert, or with none; only the request itself tells why. Safe
 * for use by several threads.
 */
public final class ClientCertificateRequests implements KeyCertOptions {

  /** More hosts than a federation names. Beyond them nothing is remembered. */
  private static final int MAX_SERVERS = 4096;

  private final @Nullable KeyCertOptions keys;
  private final Map<String, LastRequest> requests = new ConcurrentHashMap<>();

  private record LastRequest(long nanos, boolean shown) {}

  /**
   * @param keys null if there is no certificate to show
   */
  public ClientCertificateRequests(@Nullable KeyCertOptions keys) {
    this.keys = keys;
  }

  /**
   * Whether that server was shown a certificate; empty if it has requested none since.
   *
   * @param sinceNanos by {@link System#nanoTime}
   */
  public Optional<Boolean> shown(String host, int port, long sinceNanos) {
    return Optional.ofNullable(requests.get(host + ":" + port))
        .filter(last -> last.nanos() - sinceNanos >= 0)
        .map(LastRequest::shown);
  }

  private void requested(SSLEngine engine, boolean shown) {
    String server = engine.getPeerHost() + ":" + engine.getPeerPort();
    if (requests.containsKey(server) || requests.size() < MAX_SERVERS) {
      requests.put(server, new LastRequest(System.nanoTime(), shown));
    }
  }

  @Override
  public KeyCertOptions copy() {
    return this;
  }

  @Override
  public KeyManagerFactory getKeyManagerFactory(Vertx vertx) throws Exception {
    X509KeyManager shown =
        keys == null
            ? null
            : Arrays.stream(keys.getKeyManagerFactory(vertx).getKeyManagers())
                .filter(X509KeyManager.class::isInstance)
                .map(X509KeyManager.class::cast)
                .findFirst()
                .orElse(null);
    return KeyCertOptions.wrap(new NotingKeyManager(shown)).getKeyManagerFactory(vertx);
  }

  @Override
  public @Nullable Function<String, KeyManagerFactory> keyManagerFactoryMapper(Vertx vertx) {
    return null; // by the names that a server is asked for
  }

  private final class NotingKeyManager extends X509ExtendedKeyManager {

    private final @Nullable X509KeyManager keys;

    NotingKeyManager(@Nullable X509KeyManager keys) {
      this.keys = keys;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] types, Principal @Nullable [] authorities, SSLEngine engine) {
      String alias =
          keys instanceof X509ExtendedKeyManager extended
              ? extended.chooseEngineClientAlias(types, authorities, engine)
              : chooseClientAlias(types, authorities, null);
      requested(engine, alias != null);
      return alias;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] authorities, @Nullable Socket socket) {
      return keys == null ? null : keys.chooseClientAlias(types, authorities, socket);
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] authorities) {
      return keys == null ? null : keys.getClientAliases(type, authorities);
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] authorities) {
      return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] authorities, @Nullable Socket socket) {
      return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return keys == null ? null : keys.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return keys == null ? null : keys.getPrivateKey(alias);
    }
  }
}
