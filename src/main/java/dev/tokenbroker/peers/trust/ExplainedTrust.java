package dev.tokenbroker.peers.trust;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.TCPSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.ByteArrayInputStream;
import java.net.Socket;
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
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts the servers that other options trust, and refuses the others with a {@link
 * RefusedCertificate}. It decides nothing itself.
 *
 * <p>A trust manager that checks host names stays one. A trust manager that has authorities but
 * checks no host names, such as that of Quarkus' TLS configurations, gets the JDK's check in
 * addition: the JDK would check the name after this class has passed the chain, and its refusal has
 * no names of the certificate. Safe for use by several threads.
 */
public final class ExplainedTrust implements TrustOptions {

  private final @Nullable TrustOptions trust;
  private final List<String> crlPaths;
  private final List<Buffer> crlValues;
  private final InstantSource clock;
  private volatile @Nullable X509TrustManager manager;
  private volatile List<CRL> revocations = List.of();

  /** Trusts those certificates; no certificate is revoked. */
  ExplainedTrust(@Nullable TrustOptions trust, InstantSource clock) {
    this.trust = trust;
    this.clock = clock;
    this.crlPaths = List.of();
    this.crlValues = List.of();
  }

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
    // TLS in Java uses the first manager only.
    TrustManager explained = explained(factory(vertx).getTrustManagers()[0]);
    manager = explained instanceof X509TrustManager known ? known : null;
    return TrustOptions.wrap(explained).getTrustManagerFactory(vertx);
  }

  @Override
  public @Nullable Function<String, TrustManager[]> trustManagerMapper(Vertx vertx)
      throws Exception {
    return trust == null ? null : trust.trustManagerMapper(vertx);
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

  private TrustManagerFactory factory(Vertx vertx) throws Exception {
    TrustManagerFactory given = trust == null ? null : trust.getTrustManagerFactory(vertx);
    return given == null ? jdk() : given;
  }

  private static TrustManagerFactory jdk() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    return factory;
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

  private TrustManager explained(TrustManager manager) {
    return switch (manager) {
      case X509ExtendedTrustManager extended -> new WithHostNames(extended, extended, this);
      case X509TrustManager plain when plain.getAcceptedIssuers().length > 0 ->
          new WithHostNames(plain, CurrentAnchors.only(List.of(plain.getAcceptedIssuers())), this);
      case X509TrustManager plain -> new WithoutAuthorities(plain, this);
      default -> manager;
    };
  }

  /** Explains what a trust manager refuses that names no authorities: all may have expired. */
  private record WithoutAuthorities(X509TrustManager trust, ExplainedTrust all)
      implements X509TrustManager {

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      try {
        trust.checkServerTrusted(chain, type);
      } catch (CertificateException why) {
        throw RefusedCertificate.of(chain, why, all.clock.instant(), null);
      }
      all.demandUnrevoked(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw serversOnly();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return trust.getAcceptedIssuers();
    }
  }

  private static final class WithHostNames extends X509ExtendedTrustManager {

    private final X509TrustManager trust;
    private final X509ExtendedTrustManager names;
    private final ExplainedTrust all;

    /**
     * @param names checks the host name, too; a chain must pass both
     */
    WithHostNames(X509TrustManager trust, X509ExtendedTrustManager names, ExplainedTrust all) {
      this.trust = trust;
      this.names = names;
      this.all = all;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      try {
        if (!trust.equals(names)) {
          trust.checkServerTrusted(chain, type);
        }
        names.checkServerTrusted(chain, type, engine);
        AlternativeNames.demand(chain, engine.getPeerHost(), engine.getSSLParameters());
      } catch (CertificateException why) {
        throw RefusedCertificate.of(
            chain, why, all.clock.instant(), isTrusted(chain, type) ? engine.getPeerHost() : null);
      }
      all.demandUnrevoked(chain);
    }

    /** Whether the chain is good for some host. */
    private boolean isTrusted(X509Certificate[] chain, String type) {
      try {
        trust.checkServerTrusted(chain, type);
        return true;
      } catch (CertificateException untrusted) {
        return false;
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw serversOnly();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw serversOnly();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw serversOnly();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw serversOnly();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw serversOnly();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return trust.getAcceptedIssuers();
    }
  }

  /** Vert.x makes TLS connections by engines. */
  private static CertificateException serversOnly() {
    return new CertificateException("only the server of a TLS engine is judged here");
  }
}
