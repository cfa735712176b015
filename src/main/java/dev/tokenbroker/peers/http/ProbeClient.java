package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.peers.http.HttpExchange.End;
import dev.tokenbroker.peers.http.HttpExchange.WantedAnswer;
import dev.tokenbroker.peers.http.PinnedCalls.Call;
import dev.tokenbroker.peers.http.Probed.AnswerTimes;
import dev.tokenbroker.peers.http.Probed.ProbeAnswer;
import dev.tokenbroker.peers.trust.CallerAuthorities;
import dev.tokenbroker.peers.trust.DefaultTrust;
import dev.tokenbroker.peers.trust.HandshakeTls;
import dev.tokenbroker.peers.trust.PeerTls;
import dev.tokenbroker.peers.trust.SettingsTls;
import dev.tokenbroker.peers.trust.SystemTrust;
import dev.tokenbroker.peers.trust.TlsLookup;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
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

  private final Vertx vertx;
  private final TlsLookup tls;
  private final HttpClients clients;
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
    this.vertx = vertx;
    this.tls = new DefaultTrust(new SettingsTls(configurations, vertx), SystemTrust.now(), callers);
    this.clients = new HttpClients(vertx, settings.fetchTimeout(), tls);
    this.calls =
        new PinnedCalls(
            settings.allowHttpToLoopback(),
            new HostResolver(InetAddress::getAllByName),
            ConnectProxy.of(settings).orElse(null));
    this.clock = clock;
  }

  /**
   * The TLS material of that configuration, for a handshake on a plain socket; empty where no
   * configuration has the name, or where it trusts every certificate.
   *
   * @param name null for the default configuration
   */
  public Optional<HandshakeTls> handshake(@Nullable String name) {
    HttpClientOptions options = new HttpClientOptions();
    if (!tls.configure(name, options)) {
      return Optional.empty();
    }
    try {
      TrustManagerFactory trust;
      if (options.getTrustOptions() == null) {
        trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init((KeyStore) null);
      } else {
        trust = options.getTrustOptions().getTrustManagerFactory(vertx);
      }
      List<KeyManager> keys =
          options.getKeyCertOptions() == null
              ? List.of()
              : List.of(options.getKeyCertOptions().getKeyManagerFactory(vertx).getKeyManagers());
      return Optional.of(
          new HandshakeTls(
              manager(trust),
              keys,
              List.copyOf(options.getEnabledSecureTransportProtocols()),
              List.copyOf(options.getEnabledCipherSuites())));
    } catch (Exception unreadable) { // as the library declares it
      throw new IllegalStateException("a trust store or key store cannot be read", unreadable);
    }
  }

  /**
   * The proxy that connects to the host of that URL, as {@code host:port}; empty where the broker
   * connects by itself.
   */
  public Optional<String> proxyTo(URI uri) {
    return calls.proxyTo(uri).map(proxy -> proxy.host() + ":" + proxy.port());
  }

  private static X509TrustManager manager(TrustManagerFactory factory) {
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager trust) {
        return trust;
      }
    }
    throw new IllegalStateException("no X.509 trust manager");
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
    long sentNanos = System.nanoTime();
    return switch (clients.named(
        new PeerTls.ConfiguredTls(tlsName), HttpClients.ClientUse.DOCUMENTS)) {
      case CallFailed why -> why;
      case HttpClients.NamedClient.Client(var client) ->
          switch (calls.ask(client, uri, call, limit)) {
            case End.HttpAnswered answered -> answer(uri, answered);
            case CallFailed why -> clients.explained(why, uri, sentNanos);
            case End.NotConnected(CallFailed why) -> clients.explained(why, uri, sentNanos);
            case End.Redirected unread -> throw new IllegalStateException(unread.toString());
            case End.ConnectionMade unasked -> throw new IllegalStateException(unasked.toString());
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
        HttpExchange.REDIRECTS.contains(answered.status())
            ? headers.get(HttpHeaders.LOCATION)
            : null,
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
