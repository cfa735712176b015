package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.HttpClients.ClientUse;
import dev.tokenbroker.peers.http.HttpExchange.Opened;
import dev.tokenbroker.peers.trust.RefusedCertificate;
import java.net.InetAddress;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Sends single requests for a diagnosis, and returns the whole response.
 *
 * <p>It applies the rules of {@link PeerClient}: the same TLS configurations, address guard,
 * limits, redirects and proxy. Unlike {@link PeerClient} it does not reduce a response to a
 * failure, so that a diagnosis can name what came. Blocks; safe for use by several threads.
 */
public final class ProbeClient implements AutoCloseable {

  /** How long a peer may take to object to a missing client certificate after TLS 1.3 is set up. */
  private static final Duration OBJECTION = Duration.ofMillis(500);

  /** The longest that a lookup may take: a diagnosis is more patient than a call. */
  private static final Duration LOOKUP_LIMIT = Duration.ofSeconds(5);

  private final PeerClient client;
  private final HostResolver resolver = new HostResolver(InetAddress::getAllByName, LOOKUP_LIMIT);

  /**
   * @param client closed with this one
   */
  public ProbeClient(PeerClient client) {
    this.client = client;
  }

  /**
   * The proxy that connects to the host of that URL, as {@code host:port}; empty where the broker
   * connects by itself.
   */
  public Optional<String> proxyTo(URI uri) {
    return client.proxyTo(uri).map(proxy -> proxy.host() + ":" + proxy.port());
  }

  /** The addresses of a host, be they refused or not. */
  public HostResolver.Resolved addresses(String host, Deadline limit) {
    return resolver.look(host, limit);
  }

  /**
   * Makes a TLS handshake at one address of the host of a URL, and sends no request.
   *
   * @param address one that {@link AddressGuard} allows
   */
  public Handshake handshake(
      URI uri, @Nullable String tlsName, InetAddress address, Deadline limit) {
    PeerRequest unsent = PeerRequest.document(uri, tlsName).probing();
    return switch (client.named(unsent)) {
      case CallFailed why -> new Handshake.Unfinished(why, List.of());
      case PooledClient pooled -> handshake(pooled, unsent, address, limit);
    };
  }

  private static Handshake handshake(
      PooledClient pooled, PeerRequest unsent, InetAddress address, Deadline limit) {
    URI uri = unsent.uri();
    long beganNanos = System.nanoTime();
    Opened opened = PinnedCalls.openAt(pooled, unsent, address, limit);
    Optional<Handshake> demanded =
        pooled
            .requests()
            .shown(PinnedCalls.bareHost(uri), PinnedCalls.port(uri), beganNanos)
            .map(Handshake.CertificateDemanded::new);
    return switch (opened) {
      case Opened.NotConnected(CallFailed _, RefusedCertificate why) when why != null ->
          new Handshake.Distrusted(why);
      case Opened.NotConnected(CallFailed why, var _) when why.kind() == FetchFailure.TIMED_OUT ->
          new Handshake.Unfinished(why, pooled.protocols());
      case Opened.NotConnected(CallFailed why, var _) ->
          demanded.orElseGet(() -> new Handshake.Unfinished(why, pooled.protocols()));
      case Opened.Connected connected -> {
        // In TLS 1.3 our side has finished before the peer looks at our certificate.
        boolean objects = demanded.isPresent() && connected.isEndedWithin(OBJECTION);
        connected.close();
        SSLSession session = connected.session();
        if (session == null) {
          yield new Handshake.Unfinished(
              new CallFailed(FetchFailure.UNREACHABLE, "the connection was lost"),
              pooled.protocols());
        }
        yield objects
            ? demanded.get()
            : new Handshake.Trusted(
                session.getProtocol(), connected.chain(), pooled.trust().authorities());
      }
    };
  }

  /** Fetches a document by GET; follows redirects within the origin, as the broker does. */
  public CallEnd get(URI uri, @Nullable String tlsName, Deadline limit) {
    return client.follow(PeerRequest.document(uri, tlsName).with(ClientUse.FORMS), limit);
  }

  /** Sends one request and follows no redirect; the response may have any status. */
  public CallEnd send(PeerRequest request, Deadline limit) {
    return client.ask(request.with(ClientUse.FORMS), limit);
  }

  @Override
  public void close() {
    client.close();
  }

  /** The end of a TLS handshake that was made for a diagnosis. */
  public sealed interface Handshake {

    /**
     * The peer is trusted.
     *
     * @param chain as the peer sent it; the first certificate is its own
     * @param authorities those that the configuration trusts
     */
    record Trusted(String protocol, List<X509Certificate> chain, List<X509Certificate> authorities)
        implements Handshake {}

    /** The chain is not trusted for this host. */
    record Distrusted(RefusedCertificate why) implements Handshake {}

    /**
     * The peer ends the connection after it has requested a client certificate.
     *
     * @param shown whether a certificate of ours was sent
     */
    record CertificateDemanded(boolean shown) implements Handshake {}

    /**
     * Anything else.
     *
     * @param protocols the versions of TLS that were offered
     */
    record Unfinished(CallFailed why, List<String> protocols) implements Handshake {}
  }
}
