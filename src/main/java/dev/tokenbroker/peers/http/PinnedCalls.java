package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.text.AddressBlock;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.HostResolver.Resolved;
import dev.tokenbroker.peers.http.HttpExchange.Opened;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Connects to checked addresses, for single requests: resolves the host, refuses what {@link
 * AddressGuard} refuses, and connects to the very address that was checked. With a proxy, the proxy
 * resolves and checks names of other hosts; addresses in URLs are still checked here. Safe for use
 * by several threads; blocks.
 */
final class PinnedCalls {

  static final int MAX_ADDRESSES = 4;

  /** The longest wait for a connection to an address while other addresses are left. */
  static final Duration MAX_CONNECT = Duration.ofSeconds(3);

  private final boolean allowHttpToLoopback;
  private final HostResolver resolver;
  private final @Nullable ConnectProxy proxy;

  /**
   * @param proxy null where the broker connects by itself
   */
  PinnedCalls(boolean allowHttpToLoopback, HostResolver resolver, @Nullable ConnectProxy proxy) {
    this.allowHttpToLoopback = allowHttpToLoopback;
    this.resolver = resolver;
    this.proxy = proxy;
  }

  /** Connects to the first address that accepts a connection. */
  Opened open(PooledClient client, PeerRequest request, Deadline limit) {
    URI uri = request.uri();
    String host = uri.getHost();
    boolean tls = "https".equalsIgnoreCase(uri.getScheme());
    boolean http = "http".equalsIgnoreCase(uri.getScheme());
    if (host == null || uri.getRawUserInfo() != null || !(tls || http)) {
      return refused("not an https URL with a host and without user information");
    }
    if (http && !allowHttpToLoopback) {
      return refused("the URL is not https");
    }
    Optional<ConnectProxy> through = proxyTo(uri);
    if (through.isPresent()) {
      return throughProxy(through.get(), client, request, limit);
    }
    return switch (resolver.resolve(bareHost(uri), limit)) {
      case CallFailed why -> new Opened.NotConnected(why);
      case Resolved.ResolvedAddresses(List<InetAddress> addresses) ->
          http && !addresses.stream().allMatch(InetAddress::isLoopbackAddress)
              ? refused("plain http is spoken to loopback addresses only")
              : connect(client, request, addresses, limit);
    };
  }

  /** Connects to one address, which must have been checked. */
  static Opened openAt(
      PooledClient client, PeerRequest request, InetAddress address, Deadline limit) {
    return connect(client, request, List.of(address), limit);
  }

  /** The proxy that connects to the host of that URL; empty where the broker does so itself. */
  Optional<ConnectProxy> proxyTo(URI uri) {
    return Optional.ofNullable(proxy)
        .filter(_ -> "https".equalsIgnoreCase(uri.getScheme()) && !isLocal(bareHost(uri)));
  }

  /** The host of a URL without the brackets of IPv6: no certificate would match with them. */
  static String bareHost(URI uri) {
    String host = uri.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** The port of an https or http URL. */
  static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  private static Opened throughProxy(
      ConnectProxy proxy, PooledClient client, PeerRequest request, Deadline limit) {
    RequestOptions options =
        options(request)
            .setProxyOptions(proxy.options())
            .setConnectTimeout(connectTimeout(limit, 1).toMillis());
    return HttpExchange.open(client, request, options, limit)
        .at(", through the proxy " + proxy.host() + ":" + proxy.port());
  }

  /** Whether the host is this machine, or an address that the guard refuses. */
  private static boolean isLocal(String host) {
    return host.equalsIgnoreCase("localhost")
        || AddressBlock.literal(host)
            .filter(at -> at.isLoopbackAddress() || AddressGuard.refusal(at).isPresent())
            .isPresent();
  }

  /** Tries the next address only where nothing can have been sent to the one before. */
  private static Opened connect(
      PooledClient client, PeerRequest request, List<InetAddress> addresses, Deadline limit) {
    RequestOptions options = options(request);
    Opened opened = refused("the host has no address");
    int left = Math.min(MAX_ADDRESSES, addresses.size());
    for (InetAddress address : addresses.subList(0, left)) {
      options.setConnectTimeout(connectTimeout(limit, left--).toMillis());
      // By its number: a name would be resolved again, without the guard.
      options.setServer(
          SocketAddress.inetSocketAddress(options.getPort(), address.getHostAddress()));
      opened =
          HttpExchange.open(client, request, options, limit)
              .at(
                  " (at %s, one of %d addresses)"
                      .formatted(address.getHostAddress(), addresses.size()));
      if (!(opened instanceof Opened.NotConnected(CallFailed why, var _))
          || !(why.kind() == FetchFailure.UNREACHABLE || why.kind() == FetchFailure.TIMED_OUT)
          || limit.hasPassed()
          || Thread.currentThread().isInterrupted()) {
        return opened;
      }
    }
    return opened;
  }

  /** A fair share of the time: an address that does not respond must leave some for the others. */
  private static Duration connectTimeout(Deadline limit, int addressesLeft) {
    Duration share = limit.remaining().dividedBy(addressesLeft);
    Duration bounded = addressesLeft > 1 && share.compareTo(MAX_CONNECT) > 0 ? MAX_CONNECT : share;
    // Zero would mean no limit.
    return bounded.toMillis() > 0 ? bounded : Duration.ofMillis(1);
  }

  private static RequestOptions options(PeerRequest request) {
    URI uri = request.uri();
    String host = bareHost(uri);
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(request.method().name()))
            .setSsl("https".equalsIgnoreCase(uri.getScheme()))
            .setHost(host)
            .setPort(port(uri))
            .setURI(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery())
            .setFollowRedirects(false)
            .putHeader("User-Agent", "token-broker")
            // An absent header would mean any coding (RFC 9110 section 12.5.3).
            .putHeader("Accept-Encoding", "identity");
    request.headers().forEach(options::putHeader);
    if (!host.equals(uri.getHost())) {
      // With its brackets (RFC 9110 section 7.2); Vert.x would write the host without them.
      String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      options.putHeader("Host", uri.getHost() + port);
    }
    return options;
  }

  private static Opened refused(String detail) {
    return new Opened.NotConnected(new CallFailed(FetchFailure.ADDRESS_REFUSED, detail));
  }
}
