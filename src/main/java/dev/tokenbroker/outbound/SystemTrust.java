package dev.tokenbroker.outbound;

import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whom this machine trusts, where no configuration says otherwise.
 *
 * <p>The file that {@code SSL_CERT_FILE} names, as for other programs. Without it, the JDK's trust
 * store does on the JVM; but in a native executable that is the one of the machine that built it,
 * so there the system's own bundle is looked for first.
 */
public final class SystemTrust {

  /** Set in a native executable alone. */
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

  /** As the environment of this process says now. */
  public static SystemTrust now() {
    return of(
        System.getenv("SSL_CERT_FILE"), System.getProperty(IMAGE) == null ? List.of() : BUNDLES);
  }

  /**
   * The first file that can be read.
   *
   * @param named as by {@code SSL_CERT_FILE}; a file that cannot be read is warned of and left out
   * @param usual where else to look
   */
  static SystemTrust of(@Nullable String named, List<String> usual) {
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

  /** The certificates to trust; empty for the JDK's own choice. */
  public Optional<TrustOptions> options() {
    return Optional.ofNullable(bundle)
        .map(file -> new PemTrustOptions().addCertPath(file.toString()));
  }
}
