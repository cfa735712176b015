package dev.tokenbroker.peers.trust;

import dev.tokenbroker.base.text.Sha256;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a server presented in a handshake, trusted or not. All of it is public.
 *
 * @param digest SHA-256 of the certificate, in hexadecimal
 * @param subject the name of its subject
 * @param issuer the name of its issuer
 * @param notBefore when it becomes valid
 * @param notAfter when it expires
 * @param root the name of the trusted authority above it; or that of the last authority that its
 *     chain names, if none of them is trusted
 */
public record PresentedCertificate(
    String digest,
    String subject,
    String issuer,
    Instant notBefore,
    Instant notAfter,
    String root) {

  private static final int SHOWN_DIGITS = 16;

  /**
   * Describes a chain, the server's own certificate first. Verifies nothing: the name of the root
   * is for people, and the trust manager judges the chain.
   *
   * @param anchors the trusted authorities
   * @return empty for an empty chain or an unreadable certificate
   */
  public static Optional<PresentedCertificate> of(
      List<X509Certificate> chain, List<X509Certificate> anchors) {
    if (chain.isEmpty()) {
      return Optional.empty();
    }
    X509Certificate leaf = chain.getFirst();
    try {
      return Optional.of(
          new PresentedCertificate(
              Sha256.hex(leaf.getEncoded()),
              name(leaf.getSubjectX500Principal()),
              name(leaf.getIssuerX500Principal()),
              leaf.getNotBefore().toInstant(),
              leaf.getNotAfter().toInstant(),
              name(root(chain, anchors))));
    } catch (CertificateEncodingException unreadable) {
      return Optional.empty(); // the trust manager refuses it
    }
  }

  /** Whether it is the same certificate below the same root. */
  public boolean isSameAs(PresentedCertificate other) {
    return digest.equals(other.digest) && root.equals(other.root);
  }

  /** One line for people. */
  public String text() {
    return "%s issued by %s, until %s, root %s, SHA-256 %s"
        .formatted(
            subject,
            issuer,
            LocalDate.ofInstant(notAfter, ZoneOffset.UTC),
            root,
            digest.substring(0, SHOWN_DIGITS));
  }

  private static X500Principal root(List<X509Certificate> chain, List<X509Certificate> anchors) {
    Set<X500Principal> trusted = new HashSet<>();
    anchors.forEach(anchor -> trusted.add(anchor.getSubjectX500Principal()));
    X509Certificate last = chain.getFirst();
    // A chain may be in any order, and may be circular.
    for (int steps = 0; steps < chain.size(); steps++) {
      X500Principal above = last.getIssuerX500Principal();
      X509Certificate next = trusted.contains(above) ? null : subject(above, chain, last);
      if (next == null) {
        return above;
      }
      last = next;
    }
    return last.getIssuerX500Principal();
  }

  private static @Nullable X509Certificate subject(
      X500Principal name, List<X509Certificate> chain, X509Certificate except) {
    return chain.stream()
        .filter(one -> !one.equals(except) && one.getSubjectX500Principal().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static String name(X500Principal principal) {
    return RefusedCertificate.cut(principal.getName());
  }
}
