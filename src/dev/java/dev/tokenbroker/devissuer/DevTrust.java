package dev.tokenbroker.devissuer;

import io.quarkus.tls.BaseTlsConfiguration;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.TrustManagerFactory;

/** The TLS configuration that trusts the authority of the development issuer alone. */
final class DevTrust extends BaseTlsConfiguration {

  /** Its name in the sample federation. */
  static final String NAME = "dev-ca";

  private final KeyStore trusted;

  DevTrust(Certificate root) {
    try {
      this.trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("root", root);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("This Java keeps no certificates in memory", e);
    }
  }

  @Override
  public String getName() {
    return NAME;
  }

  @Override
  public KeyStore getTrustStore() {
    return trusted;
  }

  @Override
  public TrustOptions getTrustStoreOptions() {
    try {
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted);
      return TrustOptions.wrap(managers.getTrustManagers()[0]);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java makes no trust managers", e);
    }
  }

  @Override
  public SSLOptions getSSLOptions() {
    return new SSLOptions();
  }
}
