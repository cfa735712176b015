package dev.tokenbroker.edges.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/**
 * The settings of Quarkus for proxies in front of HTTP, as far as {@link Forwarding} reads them.
 */
@ConfigMapping(prefix = "quarkus.http.proxy")
public interface ProxySettings {

  /** Whether headers name the source and the destination of a request. */
  @WithDefault("false")
  boolean proxyAddressForwarding();

  /** Whether the header {@code Forwarded} is read (RFC 7239). It takes precedence over others. */
  @WithDefault("false")
  boolean allowForwarded();

  /**
   * Whether the headers {@code X-Forwarded-*} are read; by default, unless {@code Forwarded} is.
   */
  Optional<Boolean> allowXForwarded();

  /** Whether {@code X-Forwarded-Host} is read. */
  @WithDefault("false")
  boolean enableForwardedHost();

  /**
   * Addresses, networks and host names of the trusted proxies; by default every peer is trusted.
   */
  Optional<List<String>> trustedProxies();
}
