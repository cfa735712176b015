package dev.tokenbroker.peers.trust;

import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts the servers that other options trust, and refuses the others with a {@link
 * RefusedCertificate}. It decides nothing itself, and notes the certificate of each server.
 *
 * <p>A trust manager that checks host names stays one, and {@link NamedHosts} makes one of any
 * other that has authorities. For the rest, the JDK checks the name after this class has passed the
 * chain.
 *
 * @param trust null for the JDK's own trust store
 * @param presented takes the certificates, if the trust manager checks host names, as that of the
 *     JDK does; any other one does not know the server
 */
public record ExplainedTrust(
    @Nullable TrustOptions trust, InstantSource clock, PresentedCertificates presented)
    implements TrustOptions {

  @Override
  public TrustOptions copy() {
    return this;
  }

  @Override
  public TrustManagerFactory getTrustManagerFactory(Vertx vertx) throws Exception {
    // TLS in Java uses the first manager only.
    TrustManager first = factory(vertx).getTrustManagers()[0];
    return TrustOptions.wrap(explained(first)).getTrustManagerFactory(vertx);
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
      case X509ExtendedTrustManager extended -> new WithHostNames(extended, clock, presented);
      case X509TrustManager plain ->
          NamedHosts.of(plain)
              .<TrustManager>map(named -> new WithHostNames(named, clock, presented))
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
    private final PresentedCertificates presented;

    WithHostNames(
        X509ExtendedTrustManager trust, InstantSource clock, PresentedCertificates presented) {
      this.trust = trust;
      this.clock = clock;
      this.presented = presented;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      presented.add(engine, chain, trust.getAcceptedIssuers());
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
