package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.text.Sha256;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The client certificate of a TLS connection. In the handshake the caller has proved that it holds
 * the key, and the trust store of the broker has verified the certificate. The broker ignores
 * certificates in the headers of a proxy, because such a header proves nothing.
 */
public final class ClientCertificate {

  /** The name under which a TLS session stores the facts of its certificate. */
  private static final String KEPT = ClientCertificate.class.getName();

  /** Stored in a session without a certificate: another look would cost an exception each time. */
  private static final ShownCertificate NONE = new ShownCertificate("", Instant.MAX);

  private record ShownCertificate(String thumbprint, Instant end) {}

  private ClientCertificate() {}

  /**
   * The thumbprint of the peer's certificate: the SHA-256 of its DER form, in base64url without
   * padding, the {@code x5t#S256} of RFC 8705 section 3.1; empty if it sent none. It is stored in
   * the TLS session, so it is computed once for a connection.
   *
   * @param session the session of the connection; null without TLS
   */
  public static Optional<String> thumbprint(@Nullable SSLSession session) {
    return Optional.ofNullable(session)
        .map(each -> shown(each).thumbprint())
        .filter(thumbprint -> !thumbprint.isEmpty());
  }

  /**
   * Whether the peer's certificate has expired since the handshake, or since that of the session
   * that was resumed. No handshake looks at it again.
   */
  public static boolean hasExpired(@Nullable SSLSession session, Instant now) {
    return session != null && now.isAfter(shown(session).end());
  }

  private static ShownCertificate shown(SSLSession session) {
    if (session.getValue(KEPT) == null) {
      session.putValue(KEPT, find(session));
    }
    return (ShownCertificate) session.getValue(KEPT);
  }

  private static ShownCertificate find(SSLSession session) {
    try {
      X509Certificate shown = (X509Certificate) session.getPeerCertificates()[0];
      return new ShownCertificate(thumbprint(shown), shown.getNotAfter().toInstant());
    } catch (SSLPeerUnverifiedException anonymous) {
      return NONE;
    }
  }

  static String thumbprint(Certificate certificate) {
    try {
      return Sha256.base64Url(certificate.getEncoded());
    } catch (CertificateEncodingException unreadable) {
      throw new IllegalStateException("A certificate of a handshake has no encoding", unreadable);
    }
  }
}
