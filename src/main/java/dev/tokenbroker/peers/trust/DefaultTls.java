package dev.tokenbroker.peers.trust;

import io.quarkus.tls.BaseTlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.TrustOptions;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of calls that name no configuration, for a library that makes the calls itself: it trusts
 * whom the broker's own calls trust. The library would trust the JDK's authorities, which are those
 * of the build in a native executable.
 */
@Singleton
public final class DefaultTls {

  private final TlsConfigurationRegistry registry;
  private final DefaultTrust trust;

  DefaultTls(TlsConfigurationRegistry registry, DefaultTrust trust) {
    this.registry = registry;
    this.trust = trust;
  }

  /** Registers it, so that the library finds it under that name. */
  public void register(String name) {
    registry.register(name, new Registered());
  }

  /** Reads the trust for each client anew, as the registry may have reloaded it. */
  private final class Registered extends BaseTlsConfiguration {

    @Override
    public @Nullable TrustOptions getTrustStoreOptions() {
      return options().getTrustOptions();
    }

    @Override
    public SSLOptions getSSLOptions() {
      return options().getSslOptions();
    }

    private HttpClientOptions options() {
      HttpClientOptions options = new HttpClientOptions();
      trust.configure(null, options); // always configured
      return options;
    }
  }
}
