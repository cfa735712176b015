package dev.tokenbroker.peers.trust;

import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
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
 * <p>A trust manager that checks host names stays one, and {@link NamedHosts} makes one of any
 * other that has authorities. For the rest, the JDK checks the name after this class has passed the
 * chain. Safe for use by several threads.
 */
public final class ExplainedTrust implements TrustOptions {

  private final @Nullable TrustOptions trust;
  private final InstantSource clock;
  private volatile @Nullable X509TrustManager manager;

  /**
   * @param trust null for the JDK's own trust store
   */
  public ExplainedTrust(@Nullable TrustOptions trust, InstantSource clock) {
    this.trust = trust;
    this.clock = clock;
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

  private TrustManager explained(TrustManager manager) {
    return switch (manager) {
      case X509ExtendedTrustManager extended -> new WithHostNames(extended, clock);
      case X509TrustManager plain ->
          NamedHosts.of(plain)
              .<TrustManager>map(named -> new WithHostNames(named, clock))
              .orElseGet(() -> new WithoutHostNames(plain, clock));
      default -> manager;
    };
  }

  private static final class WithoutHostNames implements X509TrustManager {

    private final X509TrustManager trust;
    private final InstantSource clock;

    WithoutHostNames(X509TrustManager trust, InstantSource clock) {
      this.trust = trust;
      this.clock = clock;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      try {
        trust.checkServerTrusted(chain, type);
      } catch (CertificateException why) {
        throw RefusedCertificate.of(chain, why, clock.instant(), null);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      trust.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return trust.getAcceptedIssuers();
    }
  }

  private static final class WithHostNames extends X509ExtendedTrustManager {

    private final X509ExtendedTrustManager trust;
    private final InstantSource clock;

    WithHostNames(X509ExtendedTrustManager trust, InstantSource clock) {
      this.trust = trust;
      this.clock = clock;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      try {
        trust.checkServerTrusted(chain, type, engine);
      } catch (CertificateException why) {
        throw RefusedCertificate.of(
            chain, why, clock.instant(), isTrusted(chain, type) ? engine.getPeerHost() : null);
      }
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
      trust.checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      trust.checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      trust.checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      trust.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      trust.checkClientTrusted(chain, type, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return trust.getAcceptedIssuers();
    }
  }
}
