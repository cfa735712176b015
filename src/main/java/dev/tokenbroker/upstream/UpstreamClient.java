package dev.tokenbroker.upstream;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.upstream.HostResolver.Resolved;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The one door through which documents are fetched.
 *
 * <p>What it holds to, whoever names the address: https, with the host name verified (http only to
 * loopback, and only where the settings allow it); never an address that {@link AddressGuard}
 * refuses; the connection goes to the very address that was checked, so that a name which resolves
 * differently a moment later gains nothing; the answer is at most {@value #MAX_BODY_BYTES} bytes,
 * counted as they come; all together within the fetch timeout; no redirect to another origin.
 *
 * <p>Blocks, so it is called on virtual threads only; safe for use by many. Hosts do not wait for
 * each other: connections, the queue for them and name lookups are bounded per host.
 */
@Singleton
public final class UpstreamClient {

  /** The largest body that is read: 256 KiB. */
  public static final int MAX_BODY_BYTES = 256 * 1024;

  static final int MAX_REDIRECTS = 2;
  static final int MAX_ADDRESSES = 4;

  /** How long an address is waited for at most where there is another one. */
  static final Duration MAX_CONNECT = Duration.ofSeconds(3);

  private final UpstreamSettings settings;
  private final HttpClients clients;
  private final HostResolver resolver;

  @Inject
  UpstreamClient(Vertx vertx, UpstreamSettings settings, TlsConfigurationRegistry registry) {
    this(
        settings,
        new HttpClients(vertx, settings.fetchTimeout(), new RegistryTls(registry)),
        new HostResolver(InetAddress::getAllByName));
  }

  UpstreamClient(UpstreamSettings settings, HttpClients clients, HostResolver resolver) {
    this.settings = settings;
    this.clients = clients;
    this.resolver = resolver;
  }

  /**
   * Fetches a document by GET. Waits until the deadline or the fetch timeout, whichever is sooner.
   * A fetch is one request, and up to {@value #MAX_REDIRECTS} more where its origin sends it on to
   * another path.
   */
  public Fetched get(FetchRequest request, Deadline deadline) {
    Deadline limit = deadline.within(settings.fetchTimeout());
    Optional<HttpClient> client = clients.named(request.tls());
    if (client.isEmpty()) {
      return failed(
          FetchFailure.TLS_NOT_CONFIGURED,
          "there is no TLS configuration " + request.tls() + ", or it trusts every certificate");
    }
    URI uri = request.uri();
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HttpExchange.End end = ask(client.get(), uri, limit);
      switch (end) {
        case HttpExchange.End.Answered(Fetched fetched) -> {
          return fetched;
        }
        case HttpExchange.End.NotConnected(Fetched.Failed why) -> {
          return why;
        }
        case HttpExchange.End.Redirected(String location) -> {
          Optional<URI> next = sameOrigin(uri, location);
          if (next.isEmpty()) {
            return failed(FetchFailure.REDIRECTED, "redirected to another origin");
          }
          uri = next.get();
        }
      }
    }
    return failed(FetchFailure.REDIRECTED, "redirected more than " + MAX_REDIRECTS + " times");
  }

  /** Certificates were read anew: the next call trusts by them. */
  void certificatesUpdated(@Observes CertificateUpdatedEvent event) {
    clients.refresh(event.name());
    // Cheap, and right whatever the default configuration is called.
    clients.refresh(null);
  }

  @PreDestroy
  void close() {
    clients.close();
  }

  private HttpExchange.End ask(HttpClient client, URI uri, Deadline limit) {
    String host = uri.getHost();
    boolean tls = "https".equalsIgnoreCase(uri.getScheme());
    boolean http = "http".equalsIgnoreCase(uri.getScheme());
    if (host == null || uri.getRawUserInfo() != null || !(tls || http)) {
      return refused("not an https URL with a host and without user information");
    }
    if (http && !settings.allowHttpToLoopback()) {
      return refused("the URL is not https");
    }
    String bareHost = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return switch (resolver.resolve(bareHost, limit)) {
      case Resolved.Refused(Fetched.Failed why) -> new HttpExchange.End.Answered(why);
      case Resolved.Addresses(List<InetAddress> addresses) ->
          http && !addresses.stream().allMatch(InetAddress::isLoopbackAddress)
              ? refused("plain http is spoken to loopback addresses only")
              : connect(client, options(uri, bareHost, tls), addresses, limit);
    };
  }

  private static HttpExchange.End connect(
      HttpClient client, RequestOptions options, List<InetAddress> addresses, Deadline limit) {
    HttpExchange.End end = null;
    int left = Math.min(MAX_ADDRESSES, addresses.size());
    for (InetAddress address : addresses.subList(0, left)) {
      options.setConnectTimeout(connectTimeout(limit, left--).toMillis());
      // By its number: a name here would be resolved again, behind the guard's back.
      options.setServer(
          SocketAddress.inetSocketAddress(options.getPort(), address.getHostAddress()));
      end = new HttpExchange().run(client, options, limit);
      if (!(end instanceof HttpExchange.End.NotConnected(Fetched.Failed why))
          || !(why.kind() == FetchFailure.UNREACHABLE || why.kind() == FetchFailure.TIMED_OUT)
          || limit.hasPassed()) {
        return end;
      }
    }
    return end == null ? refused("the host has no address") : end;
  }

  /** A fair share of the time: an address that does not answer must leave some for the others. */
  private static Duration connectTimeout(Deadline limit, int addressesLeft) {
    Duration share = limit.remaining().dividedBy(addressesLeft);
    Duration bounded = addressesLeft > 1 && share.compareTo(MAX_CONNECT) > 0 ? MAX_CONNECT : share;
    // Zero would mean no limit.
    return bounded.toMillis() > 0 ? bounded : Duration.ofMillis(1);
  }

  private static RequestOptions options(URI uri, String host, boolean tls) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return new RequestOptions()
        .setMethod(HttpMethod.GET)
        .setSsl(tls)
        .setHost(host)
        .setPort(port(uri))
        .setURI(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery())
        .setFollowRedirects(false)
        .putHeader("Accept", "application/json, application/jwk-set+json")
        .putHeader("User-Agent", "token-broker");
  }

  private static Optional<URI> sameOrigin(URI from, String location) {
    try {
      URI to = from.resolve(new URI(location));
      boolean same =
          from.getScheme().equalsIgnoreCase(to.getScheme())
              && to.getHost() != null
              && lower(from.getHost()).equals(lower(to.getHost()))
              && port(from) == port(to);
      return same ? Optional.of(to) : Optional.empty();
    } catch (URISyntaxException unreadable) {
      return Optional.empty();
    }
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  private static String lower(String host) {
    return host.toLowerCase(Locale.ROOT);
  }

  private static HttpExchange.End refused(String detail) {
    return new HttpExchange.End.Answered(new Fetched.Failed(FetchFailure.ADDRESS_REFUSED, detail));
  }

  private static Fetched failed(FetchFailure kind, String detail) {
    return new Fetched.Failed(kind, detail);
  }
}
