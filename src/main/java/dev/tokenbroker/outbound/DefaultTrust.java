package dev.tokenbroker.outbound;

import io.vertx.core.http.HttpClientOptions;
import org.jspecify.annotations.Nullable;

/**
 * Whom calls trust that name no TLS configuration: whom the default one says, else whom this
 * machine does.
 *
 * <p>The default configuration may also be the server's, as {@link ServerTls} tells. While callers
 * are asked for certificates by it, its trust store vouches for callers alone, and such calls go by
 * the machine: otherwise no public issuer would be trusted, and whoever has a certificate of the
 * callers' authority could pose as one.
 */
final class DefaultTrust implements TlsLookup {

  private final TlsLookup configurations;
  private final SystemTrust system;
  private final CallerAuthorities callers;

  DefaultTrust(TlsLookup configurations, SystemTrust system, CallerAuthorities callers) {
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
      boolean _ = configurations.configure(null, options); // there may be none
    }
    return true;
  }
}
