package dev.tokenbroker.command.doctor;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts as another trust manager does, and keeps what the server sent. For one handshake. It is no
 * extended trust manager, so the JDK compares the host name after this class has agreed.
 */
final class TrustRecorder implements X509TrustManager {

  private final X509TrustManager trust;
  private List<X509Certificate> chain = List.of();
  private @Nullable CertificateException objection;

  TrustRecorder(X509TrustManager trust) {
    this.trust = trust;
  }

  /** The chain that the server sent; empty before. */
  List<X509Certificate> chain() {
    return chain;
  }

  /** Why the chain is not trusted, whatever the host; null if it is. */
  @Nullable CertificateException objection() {
    return objection;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] sent, String type) throws CertificateException {
    chain = List.of(sent);
    try {
      trust.checkServerTrusted(sent, type);
    } catch (CertificateException untrusted) {
      objection = untrusted;
      throw untrusted;
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] sent, String type) throws CertificateException {
    throw new CertificateException("no clients here");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trust.getAcceptedIssuers();
  }
}
