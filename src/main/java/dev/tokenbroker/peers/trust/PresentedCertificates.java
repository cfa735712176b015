package dev.tokenbroker.peers.trust;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the last certificate that each server presented to the clients of one TLS
 * configuration, before the trust manager judges it. A connection that resumes a TLS session
 * presents none, so the last one counts. Safe for use by several threads.
 */
public final class PresentedCertificates {

  /** More servers than a federation names. Beyond them nothing is remembered. */
  private static final int MAX_SERVERS = 4096;

  private final Map<String, PresentedCertificate> last = new ConcurrentHashMap<>();

  /** The last certificate of that server; empty if it presented none yet. */
  public Optional<PresentedCertificate> last(String host, int port) {
    return Optional.ofNullable(last.get(server(host, port)));
  }

  /** Takes a chain. Never fails, since a handshake must not fail for it. */
  void add(SSLEngine engine, X509Certificate[] chain, X509Certificate[] anchors) {
    String server = server(engine.getPeerHost(), engine.getPeerPort());
    if (chain.length == 0 || (last.size() >= MAX_SERVERS && !last.containsKey(server))) {
      return;
    }
    try {
      last.put(server, PresentedCertificate.of(chain, anchors));
    } catch (CertificateEncodingException unreadable) {
      // The trust manager refuses it.
    }
  }

  private static String server(@Nullable String host, int port) {
    return host + ":" + port;
  }
}
