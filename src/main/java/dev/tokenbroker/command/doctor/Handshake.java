package dev.tokenbroker.command.doctor;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The end of a TLS handshake that was made for a diagnosis. */
sealed interface Handshake {

  /**
   * The peer is trusted.
   *
   * @param chain as the peer sent it; the first certificate is its own
   * @param root the authority that vouches for it; null where the trust store does not show it
   */
  record Trusted(String protocol, List<X509Certificate> chain, @Nullable X509Certificate root)
      implements Handshake {}

  /**
   * The chain is not trusted for this host.
   *
   * @param why the message of the trust manager
   */
  record Distrusted(List<X509Certificate> chain, Objection objection, String why)
      implements Handshake {}

  /** What is wrong with a chain, besides its dates. */
  enum Objection {
    /** No authority in the trust store vouches for it. */
    AUTHORITY_UNKNOWN,
    /** Only an authority that has expired vouches for it. */
    AUTHORITY_EXPIRED,
    /** A key or signature algorithm of it is too weak for this JDK. */
    ALGORITHM_WEAK,
    /** It is trusted, but for another host. */
    HOST_NAME
  }

  /**
   * The peer ends the connection after it has requested a client certificate.
   *
   * @param shown whether a certificate of ours was sent
   */
  record CertificateDemanded(boolean shown) implements Handshake {}

  /** The peer speaks HTTP without TLS. */
  record NotTls() implements Handshake {}

  /** The peer speaks no version of TLS that we speak. */
  record OldProtocol(String seen) implements Handshake {}

  /** Anything else. */
  record HandshakeBroken(String why) implements Handshake {}
}
