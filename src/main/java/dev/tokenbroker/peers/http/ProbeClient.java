package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.HttpClients.ClientUse;
import dev.tokenbroker.peers.http.HttpExchange.End;
import dev.tokenbroker.peers.http.HttpExchange.Opened;
import dev.tokenbroker.peers.http.HttpExchange.WantedAnswer;
import dev.tokenbroker.peers.http.PinnedCalls.Call;
import dev.tokenbroker.peers.http.Probed.AnswerTimes;
import dev.tokenbroker.peers.http.Probed.ProbeAnswer;
import dev.tokenbroker.peers.trust.CallerAuthorities;
import dev.tokenbroker.peers.trust.DefaultTrust;
import dev.tokenbroker.peers.trust.PeerTls;
import dev.tokenbroker.peers.trust.RefusedCertificate;
import dev.tokenbroker.peers.trust.SettingsTls;
import dev.tokenbroker.peers.trust.SystemTrust;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends single requests for a diagnosis, and returns the whole response.
 *
 * <p>It applies the rules of {@link PeerClient}: the same TLS configurations, address guard,
 * limits, redirects and proxy. Unlike {@link PeerClient} it does not reduce a response to a
 * failure, so that a diagnosis can name what came. Blocks; safe for use by several threads.
 */
public final class ProbeClient implements AutoCloseable {

  private static final Call FETCH =
      new Call(HttpMethod.GET, Map.of("Accept", PeerClient.DOCUMENT_TYPES), null, WantedAnswer.ANY);
  private static final Map<String, String> FORM =
      Map.of("Accept", "application/json", "Content-Type", "application/x-www-form-urlencoded");

  /** How long a peer may take to object to a missing client certificate after TLS 1.3 is set up. */
  private static final Duration OBJECTION = Duration.ofMillis(500);

  /** The longest that a lookup may take: a diagnosis is more patient than a call. */
  private static final Duration LOOKUP_LIMIT = Duration.ofSeconds(5);

  private final HttpClients clients;
  private final HostResolver resolver = new HostResolver(InetAddress::getAllByName, LOOKUP_LIMIT);
  private final PinnedCalls calls;
  private final InstantSource clock;

  /**
   * A client without the application server, with the TLS configurations from the settings.
   *
   * @param vertx not closed with this client
   * @throws IllegalStateException or another exception of the key store readers, where a store
   *     cannot be read
   */
  public ProbeClient(
      Vertx vertx,
      PeerSettings settings,
      CallerAuthorities callers,
      TlsConfig configurations,
      InstantSource clock) {
    this.clients =
        new HttpClients(
            vertx,
            settings.fetchTimeout(),
            new DefaultTrust(new SettingsTls(configurations, vertx), SystemTrust.now(), callers));
    this.calls =
        new PinnedCalls(
            settings.allowHttpToLoopback(), resolver, ConnectProxy.of(settings).orElse(null));
    this.clock = clock;
  }

  /** Addresses of a host, be they refused or not. */
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
    return switch (clients.named(new PeerTls.ConfiguredTls(tlsName), ClientUse.PROBES)) {
      case CallFailed why -> new Handshake.Unfinished(why, List.of());
      case PooledClient client -> {
        long beganNanos = System.nanoTime();
        Opened opened = PinnedCalls.openAt(client, uri, PeerClient.CONNECTION, address, limit);
        Optional<Boolean> shown =
            client.requests().shown(PinnedCalls.bareHost(uri), PinnedCalls.port(uri), beganNanos);
        yield switch (opened) {
          case Opened.Connected connected -> ended(connected, client, shown);
          case Opened.NotConnected(CallFailed why, RefusedCertificate refused) -> {
            if (refused != null) {
              yield new Handshake.Distrusted(refused);
            }
            yield shown.isPresent() && why.kind() != FetchFailure.TIMED_OUT
                ? new Handshake.CertificateDemanded(shown.get())
                : new Handshake.Unfinished(why, client.protocols());
          }
        };
      }
    };
  }

  /** In TLS 1.3 our side has finished before the peer looks at our certificate. */
  private static Handshake ended(
      Opened.Connected connected, PooledClient client, Optional<Boolean> shown) {
    try {
      return shown.isPresent() && connected.isEndedWithin(OBJECTION)
          ? new Handshake.CertificateDemanded(shown.get())
          : new Handshake.Trusted(
              connected.protocol(), connected.chain(), client.trust().authorities());
    } finally {
      connected.close();
    }
  }

  /**
   * The proxy that connects to the host of that URL, as {@code host:port}; empty where the broker
   * connects by itself.
   */
  public Optional<String> proxyTo(URI uri) {
    return calls.proxyTo(uri).map(proxy -> proxy.host() + ":" + proxy.port());
  }

  /** Fetches a document by GET; follows redirects within the origin, as the broker does. */
  public Probed get(URI uri, @Nullable String tlsName, Deadline limit) {
    Probed answer = ask(uri, tlsName, FETCH, limit);
    for (int redirects = 0; redirects < PeerClient.MAX_REDIRECTS; redirects++) {
      URI next = answer instanceof ProbeAnswer moved ? withinOrigin(moved) : null;
      if (next == null) {
        return answer;
      }
      answer = ask(next, tlsName, FETCH, limit);
    }
    return answer;
  }

  private static @Nullable URI withinOrigin(ProbeAnswer moved) {
    String location = moved.location();
    return location != null
            && Redirect.of(moved.uri(), location) instanceof Redirect.WithinOrigin(URI to)
        ? to
        : null;
  }

  /** Posts a form without client authentication; follows no redirect. */
  public Probed post(URI uri, @Nullable String tlsName, String form, Deadline limit) {
    Buffer body = Buffer.buffer(form.getBytes(StandardCharsets.US_ASCII));
    return ask(uri, tlsName, new Call(HttpMethod.POST, FORM, body, WantedAnswer.ANY), limit);
  }

  @Override
  public void close() {
    clients.close();
  }

  private Probed ask(URI uri, @Nullable String tlsName, Call call, Deadline limit) {
    return switch (clients.named(new PeerTls.ConfiguredTls(tlsName), ClientUse.DOCUMENTS)) {
      case CallFailed why -> why;
      case PooledClient client ->
          switch (calls.open(client, uri, call, limit)) {
            case Opened.NotConnected(CallFailed why, var _) -> why;
            case Opened.Connected connected ->
                switch (connected.send(limit)) {
                  case CallFailed why -> why;
                  case End.HttpAnswered answered -> answer(uri, answered);
                };
          };
    };
  }

  private ProbeAnswer answer(URI uri, End.HttpAnswered answered) {
    MultiMap headers = answered.headers();
    Instant received = clock.instant();
    Instant date = AnswerHeaders.date(headers.get(HttpHeaders.DATE), received);
    String type = headers.get(HttpHeaders.CONTENT_TYPE);
    return new ProbeAnswer(
        uri,
        answered.status(),
        answered.redirect(),
        type == null ? "" : type,
        answered.body(),
        new AnswerTimes(
            AnswerHeaders.retryAfter(headers.get(HttpHeaders.RETRY_AFTER), date, received),
            AnswerHeaders.maxAge(headers.getAll(HttpHeaders.CACHE_CONTROL)),
            AnswerHeaders.age(headers.get("Age")),
            date,
            answered.roundTrip(),
            answered.sinceMidpoint()));
  }
}
