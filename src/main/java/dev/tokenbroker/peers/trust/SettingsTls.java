package dev.tokenbroker.peers.trust;

import io.quarkus.tls.runtime.config.KeyStoreConfig;
import io.quarkus.tls.runtime.config.TlsBucketConfig;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.quarkus.tls.runtime.config.TrustStoreConfig;
import io.quarkus.tls.runtime.keystores.JKSKeyStores;
import io.quarkus.tls.runtime.keystores.P12KeyStores;
import io.quarkus.tls.runtime.keystores.PemKeyStores;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * TLS configurations straight from the settings, for a process without the application server and
 * its registry. The registry's own readers read them, once. Judges them as {@link RegistryTls}
 * does.
 */
public final class SettingsTls implements TlsLookup {

  private final Map<String, Stores> configurations = new HashMap<>();

  private record Stores(
      TlsBucketConfig settings, @Nullable TrustOptions trust, @Nullable KeyCertOptions keys) {}

  /** Throws the exceptions of the registry's readers for stores that cannot be read. */
  public SettingsTls(TlsConfig settings, Vertx vertx) {
    settings
        .defaultCertificateConfig()
        .ifPresent(
            one ->
                configurations.put(
                    TlsConfig.DEFAULT_NAME, stores(one, vertx, TlsConfig.DEFAULT_NAME)));
    settings
        .namedCertificateConfig()
        .forEach((name, one) -> configurations.put(name, stores(one, vertx, name)));
  }

  @Override
  public boolean configure(@Nullable String name, HttpClientOptions options) {
    Stores stores = configurations.get(name == null ? TlsConfig.DEFAULT_NAME : name);
    if (stores == null || stores.settings().trustAll()) {
      return false;
    }
    trust(stores, options);
    if (name != null) {
      restrict(stores, options);
    }
    return true;
  }

  @Override
  public boolean defaultHasKeys() {
    Stores stores = configurations.get(TlsConfig.DEFAULT_NAME);
    return stores != null && stores.keys() != null;
  }

  private static void trust(Stores stores, HttpClientOptions options) {
    if (stores.trust() != null) {
      options.setTrustOptions(stores.trust());
    }
    stores
        .settings()
        .certificateRevocationList()
        .ifPresent(lists -> lists.forEach(list -> options.addCrlPath(list.toString())));
  }

  private static void restrict(Stores stores, HttpClientOptions options) {
    TlsBucketConfig settings = stores.settings();
    if (stores.keys() != null) {
      options.setKeyCertOptions(stores.keys());
    }
    settings.cipherSuites().ifPresent(suites -> suites.forEach(options::addEnabledCipherSuite));
    options.setEnabledSecureTransportProtocols(settings.protocols());
    options.setSslHandshakeTimeout(settings.handshakeTimeout().toMillis());
    options.setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
  }

  private static Stores stores(TlsBucketConfig settings, Vertx vertx, String name) {
    return new Stores(
        settings,
        settings.trustStore().map(store -> trust(store, vertx, name)).orElse(null),
        settings.keyStore().map(store -> keys(store, vertx, name)).orElse(null));
  }

  private static @Nullable TrustOptions trust(TrustStoreConfig store, Vertx vertx, String name) {
    if (store.pem().isPresent()) {
      return PemKeyStores.verifyPEMTrustStoreStore(store, vertx, name).options;
    }
    if (store.p12().isPresent()) {
      return P12KeyStores.verifyP12TrustStoreStore(store, vertx, name).options;
    }
    return store.jks().isPresent()
        ? JKSKeyStores.verifyJKSTrustStoreStore(store, vertx, name).options
        : null;
  }

  private static @Nullable KeyCertOptions keys(KeyStoreConfig store, Vertx vertx, String name) {
    if (store.pem().isPresent()) {
      return PemKeyStores.verifyPEMKeyStore(store, vertx, name).options;
    }
    if (store.p12().isPresent()) {
      return P12KeyStores.verifyP12KeyStore(store, vertx, name).options;
    }
    return store.jks().isPresent()
        ? JKSKeyStores.verifyJKSKeyStore(store, vertx, name).options
        : null;
  }
}
