package dev.tokenbroker.upstream;

import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.SSLOptions;
import org.jspecify.annotations.Nullable;

/**
 * TLS configurations of the registry. One that trusts everybody is as good as none: the keys that
 * come over the connection decide whom we believe.
 */
final class RegistryTls implements TlsLookup {

  private final TlsConfigurationRegistry registry;
  private final SystemTrust system;

  RegistryTls(TlsConfigurationRegistry registry, SystemTrust system) {
    this.registry = registry;
    this.system = system;
  }

  @Override
  public boolean configure(@Nullable String name, HttpClientOptions options) {
    if (name == null) {
      // Only whom to trust: the default key pair is the one we serve with, and it is shown to
      // nobody unless a named configuration says so.
      system.options().ifPresent(options::setTrustOptions);
      registry
          .getDefault()
          .filter(configuration -> !configuration.isTrustAll())
          .ifPresent(configuration -> trust(configuration, options));
      return true;
    }
    return registry
        .get(name)
        .filter(configuration -> !configuration.isTrustAll())
        .map(configuration -> apply(configuration, options))
        .isPresent();
  }

  private static HttpClientOptions apply(
      TlsConfiguration configuration, HttpClientOptions options) {
    trust(configuration, options);
    if (configuration.getKeyStoreOptions() != null) {
      options.setKeyCertOptions(configuration.getKeyStoreOptions());
    }
    SSLOptions ssl = configuration.getSSLOptions();
    ssl.getEnabledCipherSuites().forEach(options::addEnabledCipherSuite);
    ssl.getCrlValues().forEach(options::addCrlValue);
    options.setEnabledSecureTransportProtocols(ssl.getEnabledSecureTransportProtocols());
    options.setSslHandshakeTimeout(ssl.getSslHandshakeTimeout());
    options.setSslHandshakeTimeoutUnit(ssl.getSslHandshakeTimeoutUnit());
    return options;
  }

  private static void trust(TlsConfiguration configuration, HttpClientOptions options) {
    if (configuration.getTrustStoreOptions() != null) {
      options.setTrustOptions(configuration.getTrustStoreOptions());
    }
  }
}
