package dev.tokenbroker.peers.trust;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.TCPSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts the servers that other options trust, and refuses the others with a {@link
 * RefusedCertificate}.
 *
 * <p>The trust manager of the options may check no host names, such as that of Quarkus' TLS
 * configurations. So a chain must also pass {@link CurrentAnchors} with the same authorities, which
 * checks them, and the revocation lists. Safe for use by several threads.
 */
public final class ExplainedTrust implements TrustOptions {

  private final @Nullable TrustOptions trust;
  private final List<String> crlPaths;
  private final List<Buffer> crlValues;
  private final InstantSource clock;
  private volatile @Nullable X509TrustManager manager;
  private volatile List<CRL> revocations = List.of();

  /**
   * Takes trust and revocation lists out of the options: with lists, Vert.x would hide the host
   * from the trust manager, and the JDK would take common names.
   *
   * @param options without trust for the JDK's own trust store
   */
  public ExplainedTrust(TCPSSLOptions options, InstantSource clock) {
    this.trust = options.getTrustOptions();
    this.clock = clock;
    this.crlPaths = List.copyOf(options.getCrlPaths());
    this.crlValues = List.copyOf(options.getCrlValues());
    options.getCrlPaths().clear();
    options.getCrlValues().clear();
    options.setTrustOptions(this);
  }

  /** The trusted authorities; empty before the first handshake. */
  public List<X509Certificate> authorities() {
    X509TrustManager made = manager;
    return made == null ? List.of() : List.of(made.getAcceptedIssuers());
  }

  @Override
  public TrustOptions copy() {
    return this;
  }

  @Override
  public TrustManagerFactory getTrustManagerFactory(Vertx vertx) throws Exception {
    List<CRL> read = new ArrayList<>();
    for (Buffer list : crlValues) {
      read.addAll(lists("certificate-revocation-list", list));
    }
    for (String path : crlPaths) {
      read.addAll(lists(path, vertx.fileSystem().readFileBlocking(path)));
    }
    revocations = List.copyOf(read);
    TrustManagerFactory given = trust == null ? null : trust.getTrustManagerFactory(vertx);
    X509TrustManager explained =
        new ExplainedAnchors(
            given == null
                ? new CurrentAnchors((KeyStore) null, clock)
                // TLS in Java uses the first manager only.
                : (X509TrustManager) given.getTrustManagers()[0]);
    manager = explained;
    return TrustOptions.wrap(explained).getTrustManagerFactory(vertx);
  }

  @Override
  public @Nullable Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) {
    return null; // by the names that a server is asked for
  }

  /** A file without a list would revoke nothing, so it is refused. */
  private static Collection<? extends CRL> lists(String name, Buffer content)
      throws GeneralSecurityException {
    try {
      Collection<? extends CRL> lists =
          CertificateFactory.getInstance("X.509")
              .generateCRLs(new ByteArrayInputStream(content.getBytes()));
      if (lists.isEmpty()) {
        throw new CRLException("it is empty");
      }
      return lists;
    } catch (CRLException unreadable) {
      throw new CRLException(name + " has no revocation list: " + unreadable.getMessage());
    }
  }

  private void demandUnrevoked(X509Certificate[] chain) throws CertificateException {
    for (X509Certificate certificate : chain) {
      if (revocations.stream().anyMatch(list -> list.isRevoked(certificate))) {
        throw new CertificateException(
            "a revocation list names the certificate of "
                + certificate.getSubjectX500Principal().getName());
      }
    }
  }

  private final class ExplainedAnchors extends CurrentAnchors {

    private final X509TrustManager given;

    ExplainedAnchors(X509TrustManager given) {
      super(List.of(given.getAcceptedIssuers()), clock);
      this.given = given;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      String host = null;
      try {
        given.checkServerTrusted(chain, type);
        host = engine.getPeerHost();
        super.checkServerTrusted(chain, type, engine);
      } catch (CertificateException why) {
        throw RefusedCertificate.of(chain, why, clock.instant(), host);
      }
      demandUnrevoked(chain);
    }
  }
}
