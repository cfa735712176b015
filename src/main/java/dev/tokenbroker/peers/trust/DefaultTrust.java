package dev.tokenbroker.peers.trust;

import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.http.HttpClientOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the trust of calls that name no TLS configuration: the default configuration, or else
 * this machine's trust store.
 *
 * <p>The server may use the default configuration, too; see {@link ServerTls}. While the server
 * requests certificates from callers by it, its trust store vouches for callers alone, and such
 * calls use the machine's trust store. Otherwise no public issuer would be trusted, and any holder
 * of a certificate by the callers' authority could pose as an issuer.
 */
@Singleton
public final class DefaultTrust implements TlsLookup {

  private final TlsLookup configurations;
  private final SystemTrust system;
  private final CallerAuthorities callers;

  /** By the TLS configurations of the application server. */
  public @Inject DefaultTrust(TlsConfigurationRegistry registry, CallerAuthorities callers) {
    this(new RegistryTls(registry), SystemTrust.now(), callers);
  }

  public DefaultTrust(TlsLookup configurations, SystemTrust system, CallerAuthorities callers) {
    this.configurations = configurations;
    this.system = system;
    this.callers = callers;
  }

  @Override
  public boolean configure(@Nullable String name, HttpClientOptions options) {
    if (name != null) {
      return configurations.configure(name, options);
    }
    system.options().ifPresent(options::setTrustOptions);
    if (!callers.inDefault(configurations.defaultHasKeys())) {
      configurations.configure(null, options); // there may be no default
    }
    return true;
  }
}
