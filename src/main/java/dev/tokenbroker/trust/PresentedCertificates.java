package dev.tokenbroker.trust;

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

  /** For how long a client may resume a session; by default the JDK resumes it for a day. */
  private static final int RESUMED_SECONDS = 300;

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
    limitResumption(engine);
    try {
      last.put(server, PresentedCertificate.of(chain, anchors));
    } catch (CertificateEncodingException unreadable) {
      // The trust manager refuses it.
    }
  }

  /** Without the limit, a changed certificate could stay unseen for a day. */
  private static void limitResumption(SSLEngine engine) {
    var session = engine.getHandshakeSession();
    var sessions = session == null ? null : session.getSessionContext();
    if (sessions != null && sessions.getSessionTimeout() != RESUMED_SECONDS) {
      sessions.setSessionTimeout(RESUMED_SECONDS);
    }
  }

  private static String server(@Nullable String host, int port) {
    return host + ":" + port;
  }
}
