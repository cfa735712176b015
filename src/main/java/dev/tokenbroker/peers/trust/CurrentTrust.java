package dev.tokenbroker.peers.trust;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.Provider;
import java.security.Security;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactorySpi;
import org.jspecify.annotations.Nullable;

/**
 * Gives every TLS connection of the process {@link CurrentAnchors}: those of callers at each port,
 * and those to issuers and upstreams.
 *
 * <p>It stands in for the JDK's trust managers, since Quarkus builds the trust of the HTTP port
 * itself, and builds it again when certificates are reloaded.
 */
public final class CurrentTrust {

  private static final String NAME = "TokenBrokerTrust";

  private CurrentTrust() {}

  /** Applies to all trust managers that are made from now on. May be called again. */
  public static void install() {
    // Does nothing where it is installed already.
    Security.insertProviderAt(new Registration(), 1);
  }

  private static final class Registration extends Provider {

    Registration() {
      super(NAME, "1", "PKIX trust managers without expired authorities");
      putService(
          new Service(
              this, "TrustManagerFactory", "PKIX", AnchorsFactory.class.getName(), ALIASES, null) {
            @Override
            public Object newInstance(@Nullable Object none) {
              return new AnchorsFactory();
            }
          });
    }

    private static final List<String> ALIASES = List.of("SunPKIX", "X509", "X.509");
  }

  private static final class AnchorsFactory extends TrustManagerFactorySpi {

    private TrustManager[] managers = {};

    @Override
    protected void engineInit(@Nullable KeyStore store) throws KeyStoreException {
      try {
        managers = new TrustManager[] {new CurrentAnchors(store, InstantSource.system())};
      } catch (KeyStoreException unusable) {
        throw unusable;
      } catch (GeneralSecurityException unusable) {
        throw new KeyStoreException(unusable);
      }
    }

    @Override
    protected void engineInit(ManagerFactoryParameters parameters)
        throws InvalidAlgorithmParameterException {
      throw new InvalidAlgorithmParameterException("only a key store is supported");
    }

    @Override
    protected TrustManager[] engineGetTrustManagers() {
      return managers.clone();
    }
  }
}
