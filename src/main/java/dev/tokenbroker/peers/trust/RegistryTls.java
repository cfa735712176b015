package dev.tokenbroker.peers.trust;

import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.SSLOptions;
import org.jspecify.annotations.Nullable;

/**
 * TLS configurations of the registry. One that trusts every certificate is treated as absent: the
 * keys from that connection decide which tokens the broker accepts.
 */
final class RegistryTls implements TlsLookup {

  private final TlsConfigurationRegistry registry;

  RegistryTls(TlsConfigurationRegistry registry) {
    this.registry = registry;
  }

  @Override
  public boolean configure(@Nullable String name, HttpClientOptions options) {
    TlsConfiguration configuration =
        (name == null ? registry.getDefault() : registry.get(name)).orElse(null);
    if (configuration == null || configuration.isTrustAll()) {
      return false;
    }
    trust(configuration, options);
    if (name != null) {
      restrict(configuration, options);
    }
    return true;
  }

  @Override
  public boolean defaultHasKeys() {
    return registry.getDefault().filter(one -> one.getKeyStoreOptions() != null).isPresent();
  }

  private static void trust(TlsConfiguration configuration, HttpClientOptions options) {
    if (configuration.getTrustStoreOptions() != null) {
      options.setTrustOptions(configuration.getTrustStoreOptions());
    }
    configuration.getSSLOptions().getCrlValues().forEach(options::addCrlValue);
  }

  private static void restrict(TlsConfiguration configuration, HttpClientOptions options) {
    if (configuration.getKeyStoreOptions() != null) {
      options.setKeyCertOptions(configuration.getKeyStoreOptions());
    }
    SSLOptions ssl = configuration.getSSLOptions();
    ssl.getEnabledCipherSuites().forEach(options::addEnabledCipherSuite);
    options.setEnabledSecureTransportProtocols(ssl.getEnabledSecureTransportProtocols());
    options.setSslHandshakeTimeout(ssl.getSslHandshakeTimeout());
    options.setSslHandshakeTimeoutUnit(ssl.getSslHandshakeTimeoutUnit());
  }
}
