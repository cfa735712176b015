package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.text.SettingLimits;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The HTTP proxy that makes the connections of outbound calls by CONNECT (RFC 9110 section 9.3.6).
 * TLS runs from the broker to the peer, so the proxy sees names and ports only.
 */
record ConnectProxy(String host, int port) {

  private static final Pattern FORM =
      Pattern.compile("([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]):(\\d{1,5})");
  private static final int MAX_PORT = 65_535;

  /** The proxy of the settings; empty if none is set. */
  static Optional<ConnectProxy> of(PeerSettings settings) {
    return settings.proxy().map(ConnectProxy::parse);
  }

  /** Demands {@code host:port} where a proxy is set. */
  static SettingLimits limits(PeerSettings settings, SettingLimits limits) {
    return limits.demand(
        settings.proxy().stream().allMatch(ConnectProxy::isWellFormed),
        "proxy",
        "is not host:port.",
        "Set it to the host and the port of an HTTP proxy, without scheme and user.");
  }

  ProxyOptions options() {
    return new ProxyOptions().setType(ProxyType.HTTP).setHost(host).setPort(port);
  }

  private static boolean isWellFormed(String proxy) {
    Matcher parts = FORM.matcher(proxy);
    return parts.matches() && isPort(Integer.parseInt(parts.group(2)));
  }

  private static boolean isPort(int port) {
    return port > 0 && port <= MAX_PORT;
  }

  private static ConnectProxy parse(String proxy) {
    if (!isWellFormed(proxy)) {
      throw new IllegalArgumentException("token-broker.upstream.proxy is not host:port");
    }
    int colon = proxy.lastIndexOf(':');
    String host = proxy.substring(0, colon).replaceAll("[\\[\\]]", "");
    return new ConnectProxy(host, Integer.parseInt(proxy.substring(colon + 1)));
  }
}
