package dev.tokenbroker.peers.http;

import dev.tokenbroker.peers.trust.RefusedCertificate;
import java.security.cert.X509Certificate;
import java.util.List;

/** The end of a TLS handshake that was made for a diagnosis. */
public sealed interface Handshake {

  /**
   * The peer is trusted.
   *
   * @param chain as the peer sent it; the first certificate is its own
   * @param authorities those that the configuration trusts
   */
  record Trusted(String protocol, List<X509Certificate> chain, List<X509Certificate> authorities)
      implements Handshake {}

  /** The chain is not trusted for this host. */
  record Distrusted(RefusedCertificate why) implements Handshake {}

  /**
   * The peer ends the connection after it has requested a client certificate.
   *
   * @param shown whether a certificate of ours was sent
   */
  record CertificateDemanded(boolean shown) implements Handshake {}

  /**
   * Anything else.
   *
   * @param protocols the versions of TLS that were offered
   */
  record Unfinished(CallFailed why, List<String> protocols) implements Handshake {}
}
