package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.jose.Sha256;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
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

  /** The name under which a TLS session stores the thumbprint of its certificate. */
  private static final String KEPT = ClientCertificate.class.getName();

  /** Stored in a session without a certificate: another look would cost an exception each time. */
  private static final String NONE = "";

  private ClientCertificate() {}

  /**
   * The thumbprint of the peer's certificate: the SHA-256 of its DER form, in base64url without
   * padding, the {@code x5t#S256} of RFC 8705 section 3.1; empty if it sent none. It is stored in
   * the TLS session, so it is computed once for a connection.
   *
   * @param session the session of the connection; null without TLS
   */
  public static Optional<String> thumbprint(@Nullable SSLSession session) {
    if (session == null) {
      return Optional.empty();
    }
    if (session.getValue(KEPT) == null) {
      session.putValue(KEPT, find(session));
    }
    return Optional.of((String) session.getValue(KEPT)).filter(kept -> !kept.equals(NONE));
  }

  private static String find(SSLSession session) {
    try {
      return thumbprint(session.getPeerCertificates()[0]);
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
