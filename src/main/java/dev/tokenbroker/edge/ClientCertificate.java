package dev.tokenbroker.edge;

import dev.tokenbroker.jose.Sha256;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The certificate of a caller who has proved, in the TLS handshake of the connection that the call
 * came by, to hold its key; the server's trust store vouches for it. What a proxy writes into a
 * header proves nothing, and is not looked at. Immutable.
 */
public final class ClientCertificate {

  /** The name under which a session keeps what was found out about it. */
  private static final String KEPT = ClientCertificate.class.getName();

  /** Kept by a session without a certificate: to ask it again would cost an exception each time. */
  private static final String NONE = "none";

  private final String thumbprint;

  private ClientCertificate(String thumbprint) {
    this.thumbprint = thumbprint;
  }

  /**
   * The certificate of the peer; empty where it sent none. Worked out once for each session, which
   * is what a connection has, and those that resume it.
   *
   * @param session of the connection; null where it is plain
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
   * The SHA-256 of its DER form, base64url without padding: the {@code x5t#S256} of RFC 8705
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
