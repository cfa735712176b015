package dev.tokenbroker.peers.trust;

import dev.tokenbroker.base.files.BoundedFile;
import io.vertx.core.net.TrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;

/** The content of a file with certificates of trusted authorities. */
public sealed interface AuthorityFile {

  int MAX_BYTES = 1024 * 1024;

  /**
   * Authorities to trust.
   *
   * @param certificates at least one
   */
  public record UsableAuthorities(List<X509Certificate> certificates) implements AuthorityFile {

    /** The trust in all of them. */
    public TrustOptions trust() {
      return TrustOptions.wrap(manager());
    }

    /** The same for the TLS of the JDK. */
    public TrustManager manager() {
      return CurrentAnchors.of(certificates);
    }
  }

  /** A file from which no authority can be read. */
  public record UnusableAuthorities(String problem) implements AuthorityFile {}

  /** Reads the file. */
  static AuthorityFile read(Path file) {
    try {
      byte[] content = BoundedFile.read(file, MAX_BYTES);
      List<X509Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(content))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      return certificates.isEmpty()
          ? unusable(file, "holds no certificate")
          : new UsableAuthorities(certificates);
    } catch (CertificateException malformed) {
      return unusable(file, "holds something else than certificates (PEM)");
    } catch (IOException unreadable) {
      return unusable(file, "cannot be read: " + BoundedFile.why(unreadable));
    }
  }

  private static UnusableAuthorities unusable(Path file, String problem) {
    return new UnusableAuthorities("the file with trusted authorities, " + file + ", " + problem);
  }
}
