package dev.tokenbroker.peers.trust;

import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The authorities that this machine trusts, where no configuration says otherwise.
 *
 * <p>The file in {@code SSL_CERT_FILE} comes first, as for other programs. Without it, the JVM uses
 * the JDK's trust store. In a native executable that store is the one of the build machine, so the
 * system's own bundle is looked for first.
 */
public final class SystemTrust {

  /** Set only in a native executable. */
  private static final String IMAGE = "org.graalvm.nativeimage.imagecode";

  private static final System.Logger LOG = System.getLogger(SystemTrust.class.getName());

  /** Debian and Alpine, Fedora, SUSE, BSD and macOS. */
  private static final List<String> BUNDLES =
      List.of(
          "/etc/ssl/certs/ca-certificates.crt",
          "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
          "/etc/ssl/ca-bundle.pem",
          "/etc/ssl/cert.pem");

  private final @Nullable Path bundle;

  private SystemTrust(@Nullable Path bundle) {
    this.bundle = bundle;
  }

  /** The trust by the current environment of this process. */
  public static SystemTrust now() {
    return of(
        System.getenv("SSL_CERT_FILE"), System.getProperty(IMAGE) == null ? List.of() : BUNDLES);
  }

  /**
   * The first file that can be read.
   *
   * @param named the value of {@code SSL_CERT_FILE}; an unreadable file is logged and skipped
   * @param usual where else to look
   */
  public static SystemTrust of(@Nullable String named, List<String> usual) {
    if (named != null && !named.isBlank()) {
      Path file = Path.of(named);
      if (Files.isReadable(file)) {
        return new SystemTrust(file);
      }
      LOG.log(System.Logger.Level.WARNING, "SSL_CERT_FILE names {0}, which cannot be read", named);
    }
    return new SystemTrust(
        usual.stream().map(Path::of).filter(Files::isReadable).findFirst().orElse(null));
  }

  /** The authorities in the bundle of the system; empty where there is none that can be read. */
  static Set<X509Certificate> bundled() {
    Path file = of(null, BUNDLES).bundle;
    if (file == null) {
      return Set.of();
    }
    // The factory reads byte by byte.
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
          .map(X509Certificate.class::cast)
          .collect(Collectors.toSet());
    } catch (IOException | CertificateException unreadable) {
      return Set.of();
    }
  }

  /** The file with the certificates to trust, PEM; empty for the JDK's own choice. */
  public Optional<Path> bundle() {
    return Optional.ofNullable(bundle);
  }

  /** The certificates to trust; empty for the JDK's own choice. */
  public Optional<TrustOptions> options() {
    return Optional.ofNullable(bundle)
        .map(file -> new PemTrustOptions().addCertPath(file.toString()));
  }
}
