package dev.tokenbroker.edge;

import dev.tokenbroker.jose.Sha256;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The client certificate of a TLS connection. In the handshake the caller has proved that it holds
 * the key, and the trust store of the broker has verified the certificate. The broker ignores
 * certificates in the headers of a proxy, because such a header proves nothing. Immutable.
 */
public final class ClientCertificate {

  /** The name under which a TLS session stores its certificate. */
  private static final String KEPT = ClientCertificate.class.getName();

  /** Stored in a session without a certificate: another look would cost an exception each time. */
  private static final String NONE = "none";

  private final String thumbprint;

  private ClientCertificate(String thumbprint) {
    this.thumbprint = thumbprint;
  }

  /**
   * The certificate of the peer; empty if it sent none. The result is stored in the TLS session, so
   * it is computed once for a connection.
   *
   * @param session the session of the connection; null without TLS
   */
  public static Optional<ClientCertificate> of(@Nullable SSLSession session) {
    if (session == null) {
      return Optional.empty();
    }
    Object kept = session.getValue(KEPT);
    if (kept == null) {
      kept = find(session);
      session.putValue(KEPT, kept);
    }
    return kept instanceof ClientCertificate certificate
        ? Optional.of(certificate)
        : Optional.empty();
  }

  private static Object find(SSLSession session) {
    try {
      return of(session.getPeerCertificates()[0]);
    } catch (SSLPeerUnverifiedException anonymous) {
      return NONE;
    }
  }

  static ClientCertificate of(Certificate certificate) {
    try {
      return new ClientCertificate(Sha256.base64Url(certificate.getEncoded()));
    } catch (CertificateEncodingException unreadable) {
      throw new IllegalStateException("A certificate of a handshake has no encoding", unreadable);
    }
  }

  /**
   * The SHA-256 of the DER form, in base64url without padding: the {@code x5t#S256} of RFC 8705
   * section 3.1.
   */
  public String thumbprint() {
    return thumbprint;
  }

  @Override
  public String toString() {
    return "ClientCertificate[" + thumbprint + "]";
  }
}
