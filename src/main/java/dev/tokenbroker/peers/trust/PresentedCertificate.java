package dev.tokenbroker.peers.trust;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
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
   */
  static PresentedCertificate of(X509Certificate[] chain, X509Certificate[] anchors)
      throws CertificateEncodingException {
    X509Certificate leaf = chain[0];
    return new PresentedCertificate(
        sha256(leaf.getEncoded()),
        name(leaf.getSubjectX500Principal()),
        name(leaf.getIssuerX500Principal()),
        leaf.getNotBefore().toInstant(),
        leaf.getNotAfter().toInstant(),
        name(root(chain, anchors)));
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

  private static X500Principal root(X509Certificate[] chain, X509Certificate[] anchors) {
    Set<X500Principal> trusted = new HashSet<>();
    Arrays.stream(anchors).forEach(anchor -> trusted.add(anchor.getSubjectX500Principal()));
    X509Certificate last = chain[0];
    // A chain may be in any order, and may be circular.
    for (int steps = 0; steps < chain.length; steps++) {
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
      X500Principal name, X509Certificate[] chain, X509Certificate except) {
    return Arrays.stream(chain)
        .filter(one -> !one.equals(except) && one.getSubjectX500Principal().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static String name(X500Principal principal) {
    return RefusedCertificate.cut(principal.getName());
  }

  private static String sha256(byte[] certificate) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }
}
