package dev.tokenbroker.peers.trust;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows no certificate to any server, and remembers which servers asked for one. A server may end
 * the connection for it with any alert, or with none; the request itself is what tells. Safe for
 * use by several threads.
 */
public final class ClientCertificateRequests extends X509ExtendedKeyManager {

  /** More hosts than a federation names. Beyond them nothing is remembered. */
  private static final int MAX_SERVERS = 4096;

  private final Map<String, Long> requestedNanos = new ConcurrentHashMap<>();

  /**
   * Whether that server has asked for a certificate since.
   *
   * @param sinceNanos by {@link System#nanoTime}
   */
  public boolean has(String host, int port, long sinceNanos) {
    Long last = requestedNanos.get(server(host, port));
    return last != null && last - sinceNanos >= 0;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] types, Principal @Nullable [] authorities, SSLEngine engine) {
    String server = server(engine.getPeerHost(), engine.getPeerPort());
    if (requestedNanos.containsKey(server) || requestedNanos.size() < MAX_SERVERS) {
      requestedNanos.put(server, System.nanoTime());
    }
    return null;
  }

  private static String server(@Nullable String host, int port) {
    return host + ":" + port;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] authorities, Socket socket) {
    return null;
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] authorities) {
    return null;
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] authorities) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] authorities, Socket socket) {
    return null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return null;
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return null;
  }
}
