package dev.tokenbroker.peers.trust;

import dev.tokenbroker.base.text.AddressBlock;
import dev.tokenbroker.base.text.EditDistance;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLParameters;

/**
 * The subject alternative names of a certificate. Only they name its hosts (RFC 9525 section 2):
 * the JDK alone would also take the common name, where the certificate has no DNS name.
 */
final class AlternativeNames {

  private static final int MAX_NAMES = 4;
  private static final int MAX_EDITS = 24;
  private static final int DNS = 2;
  private static final int IP = 7;

  private AlternativeNames() {}

  /**
   * Refuses a certificate that passed the JDK's check by its common name: the JDK takes that of a
   * certificate without DNS names, and for no address.
   *
   * @param checks says whether the connection checks the host at all
   */
  static void demand(X509Certificate[] chain, String host, SSLParameters checks)
      throws CertificateException {
    if (!Objects.requireNonNullElse(checks.getEndpointIdentificationAlgorithm(), "").isEmpty()
        && AddressBlock.literal(host).isEmpty()
        && of(chain[0], DNS).findAny().isEmpty()) {
      throw new CertificateException("no alternative name of the certificate is for the host");
    }
  }

  /** The names, those first that resemble the host most. */
  static String nearest(X509Certificate certificate, String host) {
    try {
      // A wildcard stands for the first label.
      String label = host.replaceFirst("\\..*", "");
      List<String> all =
          Stream.concat(of(certificate, DNS).map(AlternativeNames::dns), of(certificate, IP))
              .sorted(
                  Comparator.comparingInt(
                      name -> EditDistance.upTo(MAX_EDITS, name.replace("*", label), host)))
              .toList();
      String shown = all.stream().limit(MAX_NAMES).collect(Collectors.joining(", "));
      int more = all.size() - MAX_NAMES;
      return all.isEmpty()
          ? "none, and the common name does not count"
          : shown + (more > 0 ? " and %d more".formatted(more) : "");
    } catch (CertificateParsingException unreadable) {
      return "unreadable";
    }
  }

  private static String dns(String name) {
    return RefusedCertificate.cut(name.toLowerCase(Locale.ROOT))
        + (AddressBlock.literal(name).isPresent()
            ? " (an address in a DNS name, which counts for nothing; it belongs into an IP name)"
            : "");
  }

  private static Stream<String> of(X509Certificate certificate, int kind)
      throws CertificateParsingException {
    return Optional.ofNullable(certificate.getSubjectAlternativeNames()).stream()
        .flatMap(names -> names.stream())
        .filter(name -> name.get(0).equals(kind))
        .map(name -> String.valueOf(name.get(1)));
  }
}
