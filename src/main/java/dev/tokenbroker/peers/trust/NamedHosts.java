package dev.tokenbroker.peers.trust;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Adds the JDK's check of host names to a trust manager that has none, such as that of Quarkus' TLS
 * configurations. A chain must pass both. Without this class, the JDK checks the name after the
 * trust manager has passed the chain, and its refusal has no names of the certificate.
 */
final class NamedHosts extends X509ExtendedTrustManager {

  private final X509TrustManager trust;
  private final X509ExtendedTrustManager names;

  private NamedHosts(X509TrustManager trust, X509ExtendedTrustManager names) {
    this.trust = trust;
    this.names = names;
  }

  /** Empty for a trust manager without authorities, which decides by something else. */
  static Optional<NamedHosts> of(X509TrustManager trust) {
    X509Certificate[] authorities = trust.getAcceptedIssuers();
    return authorities.length == 0
        ? Optional.empty()
        : Optional.of(new NamedHosts(trust, jdk(authorities)));
  }

  private static X509ExtendedTrustManager jdk(X509Certificate[] authorities) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int at = 0; at < authorities.length; at++) {
        store.setCertificateEntry("" + at, authorities[at]);
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX", "SunJSSE");
      factory.init(store);
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException impossible) {
      throw new IllegalStateException("the JDK makes no trust store in memory", impossible);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    trust.checkServerTrusted(chain, type);
    names.checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trust.checkServerTrusted(chain, type);
    names.checkServerTrusted(chain, type, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trust.getAcceptedIssuers();
  }
}
