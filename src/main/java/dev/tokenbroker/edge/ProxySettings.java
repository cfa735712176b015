package dev.tokenbroker.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** What {@link Forwarding} reads of the settings that Quarkus has for proxies in front of HTTP. */
@ConfigMapping(prefix = "quarkus.http.proxy")
public interface ProxySettings {

  /** Whether headers say where a request comes from, and where it was sent. */
  @WithDefault("false")
  boolean proxyAddressForwarding();

  /** Whether the header {@code Forwarded} is read (RFC 7239), and goes before the others. */
  @WithDefault("false")
  boolean allowForwarded();

  /** Whether the headers {@code X-Forwarded-*} are read; unless set, where the other is not. */
  Optional<Boolean> allowXForwarded();

  /** Whether {@code X-Forwarded-Host} is read. */
  @WithDefault("false")
  boolean enableForwardedHost();

  /** Addresses and networks of the proxies whose headers count; those of everybody unless set. */
  Optional<List<String>> trustedProxies();
}
