package dev.tokenbroker.peers.trust;

import dev.tokenbroker.base.outcome.EditDistance;
import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLParameters;

/**
 * The subject alternative names of a certificate. Only they name its hosts (RFC 9525 section 2):
 * the JDK alone would also take the common name, where the certificate has no DNS name.
 */
final class AlternativeNames {

  private static final int MAX_NAMES = 4;
  private static final int MAX_COMPARED = 1_000;
  private static final int MAX_EDITS = 24;
  private static final int DNS = 2;
  private static final int IP = 7;

  private AlternativeNames() {}

  /**
   * Refuses a certificate that passed the JDK's check by its common name.
   *
   * @param checks says whether the connection checks the host at all
   */
  static void demand(X509Certificate[] chain, String host, SSLParameters checks)
      throws CertificateException {
    String algorithm = checks.getEndpointIdentificationAlgorithm();
    if (algorithm != null
        && !algorithm.isEmpty()
        && all(chain[0]).stream()
            .noneMatch(name -> name.get(0).equals(DNS) || isAddress(name, host))) {
      throw new CertificateException("no alternative name of the certificate is for the host");
    }
  }

  /** The names, those first that resemble the host most. */
  static String nearest(X509Certificate certificate, String host) {
    try {
      Collection<List<?>> all = all(certificate);
      if (all.isEmpty()) {
        return "none, and the common name does not count";
      }
      String shown =
          all.stream()
              .limit(MAX_COMPARED)
              .sorted(Comparator.comparingInt(name -> distance(text(name), host)))
              .limit(MAX_NAMES)
              .map(name -> RefusedCertificate.cut(text(name)) + misplaced(name))
              .collect(Collectors.joining(", "));
      int more = all.size() - MAX_NAMES;
      return more > 0 ? "%s and %d more".formatted(shown, more) : shown;
    } catch (CertificateParsingException unreadable) {
      return "unreadable";
    }
  }

  private static int distance(String name, String host) {
    // A wildcard stands for the first label.
    String compared =
        name.startsWith("*.")
            ? host.substring(0, Math.max(0, host.indexOf('.'))) + name.substring(1)
            : name;
    return EditDistance.upTo(
        MAX_EDITS, compared.toLowerCase(Locale.ROOT), host.toLowerCase(Locale.ROOT));
  }

  private static String misplaced(List<?> name) {
    return name.get(0).equals(DNS) && isAddress(text(name))
        ? " (an address in a DNS name, which counts for nothing; it belongs into an IP name)"
        : "";
  }

  private static boolean isAddress(List<?> name, String host) {
    return name.get(0).equals(IP)
        && isAddress(host)
        && InetAddress.ofLiteral(text(name)).equals(InetAddress.ofLiteral(host));
  }

  private static String text(List<?> name) {
    return name.get(1) instanceof String text ? text : "(no text)";
  }

  private static Collection<List<?>> all(X509Certificate certificate)
      throws CertificateParsingException {
    return Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of());
  }

  private static boolean isAddress(String host) {
    try {
      return InetAddress.ofLiteral(host) != null;
    } catch (IllegalArgumentException name) {
      return false;
    }
  }
}
