package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.HttpClients.NamedClient;
import dev.tokenbroker.peers.http.HttpExchange.Opened;
import dev.tokenbroker.peers.trust.CallerAuthorities;
import dev.tokenbroker.peers.trust.DefaultTrust;
import dev.tokenbroker.peers.trust.SettingsTls;
import dev.tokenbroker.peers.trust.SystemTrust;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The only client that fetches documents, and posts forms and documents.
 *
 * <p>It enforces these rules, whatever the source of the URL: https with host name verification
 * (http only to loopback, and only where the settings allow it); no address that {@link
 * AddressGuard} refuses; a connection to the very address that was checked, so that DNS rebinding
 * gains nothing; a response of at most {@value #MAX_BODY_BYTES} bytes, counted as they arrive; all
 * within the fetch timeout; no redirect to another origin, and none at all for a form.
 *
 * <p>Each request has its own connection. So surplus bytes from a peer or a proxy cannot be taken
 * for the response to another request, and new trust takes effect at once.
 *
 * <p>Blocks, so it is called on virtual threads only; safe for use by many. Connections and the
 * queue for them are bounded per host, so hosts do not wait for each other. All hosts share the
 * permits for name lookups: {@link HostResolver}.
 */
@Singleton
public final class PeerClient {

  /** The largest body that is read: 256 KiB. */
  public static final int MAX_BODY_BYTES = 256 * 1024;

  static final int MAX_REDIRECTS = 2;

  private final PeerSettings settings;
  private final HttpClients clients;
  private final PeerCertificates certificates;
  private final PinnedCalls calls;

  @Inject
  PeerClient(PeerSettings settings, HttpClients clients, PeerCertificates certificates) {
    this(settings, clients, certificates, new HostResolver(InetAddress::getAllByName));
  }

  /**
   * A client without the application server, with the TLS configurations from the settings. It
   * reports no changes.
   *
   * @throws IllegalStateException or another exception of the key store readers, where a store
   *     cannot be read
   */
  public static PeerClient standalone(
      Vertx vertx, PeerSettings settings, CallerAuthorities callers, TlsConfig configurations) {
    return new PeerClient(
        settings,
        new HttpClients(
            vertx,
            settings.fetchTimeout(),
            new DefaultTrust(new SettingsTls(configurations, vertx), SystemTrust.now(), callers)),
        new PeerCertificates(ChangeListener.NONE, InstantSource.system()));
  }

  PeerClient(
      PeerSettings settings,
      HttpClients clients,
      PeerCertificates certificates,
      HostResolver resolver) {
    this.settings = settings;
    this.clients = clients;
    this.certificates = certificates;
    this.calls =
        new PinnedCalls(
            settings.allowHttpToLoopback(), resolver, ConnectProxy.of(settings).orElse(null));
  }

  /** The settings that are out of range; empty where none is. */
  public static List<UnfitSetting> unfit(PeerSettings settings) {
    return ConnectProxy.limits(settings, HttpClients.limits(settings.fetchTimeout())).unfit();
  }

  /**
   * Fetches a document by GET. Waits until the deadline or the fetch timeout, whichever is sooner.
   * A fetch is one request, plus up to {@value #MAX_REDIRECTS} more for redirects within the
   * origin.
   *
   * @return a response with status 200, or why there is none
   */
  public CallEnd get(PeerRequest request, Deadline deadline) {
    return switch (follow(request, deadline.within(settings.fetchTimeout()))) {
      case CallFailed why -> why;
      case CallEnd.Response response -> document(response);
    };
  }

  private static CallEnd document(CallEnd.Response response) {
    return switch (redirect(response)) {
      case CallFailed why -> why;
      case Redirect.WithinOrigin _ ->
          new CallFailed(
              FetchFailure.REDIRECTED, "redirected more than " + MAX_REDIRECTS + " times");
      case null -> response.status() == 200 ? response : noDocument(response);
    };
  }

  private static @Nullable Redirect redirect(CallEnd.Response response) {
    String location = response.location();
    return location == null ? null : Redirect.of(response.words().uri(), location);
  }

  /**
   * Sends a form, a document or a bare request, and follows no redirect. It is not repeated if no
   * complete response arrives. Waits until the deadline or the fetch timeout, whichever is sooner.
   */
  public CallEnd send(PeerRequest request, Deadline deadline) {
    return ask(request, deadline.within(settings.fetchTimeout()));
  }

  /**
   * Connects to a peer, by the rules and the TLS configuration of other calls, and sends no
   * request. Waits until the deadline or the fetch timeout, whichever is sooner.
   *
   * @return why there was no connection; empty if it was made
   */
  public Optional<CallFailed> connect(
      URI uri, @Nullable String tlsName, Peer peer, Deadline deadline) {
    Deadline limit = deadline.within(settings.fetchTimeout());
    PeerRequest unsent = PeerRequest.document(uri, tlsName).withPeer(peer).probing();
    return switch (open(unsent, limit)) {
      case Opened.NotConnected(CallFailed why, var _) -> Optional.of(why);
      case Opened.Connected connected -> {
        connected.close();
        yield Optional.empty();
      }
    };
  }

  /**
   * Sends a request, and repeats it for at most {@value #MAX_REDIRECTS} redirects within the
   * origin. The last response may be a redirect.
   */
  CallEnd follow(PeerRequest request, Deadline limit) {
    CallEnd end = ask(request, limit);
    for (int redirects = 0; redirects < MAX_REDIRECTS; redirects++) {
      if (!(end instanceof CallEnd.Response response)
          || !(redirect(response) instanceof Redirect.WithinOrigin(URI next))) {
        return end;
      }
      end = ask(request.at(next), limit);
    }
    return end;
  }

  /** Sends one request, and compares the certificate of the peer. */
  CallEnd ask(PeerRequest request, Deadline limit) {
    return switch (open(request, limit)) {
      case Opened.NotConnected(CallFailed why, var _) -> why;
      case Opened.Connected connected -> connected.send(limit);
    };
  }

  /** Connects, and compares the certificate of the peer, be it trusted or not. */
  private Opened open(PeerRequest request, Deadline limit) {
    return switch (named(request)) {
      case CallFailed why -> new Opened.NotConnected(why);
      case PooledClient client -> {
        Opened opened = calls.open(client, request, limit);
        try {
          Peer peer = request.peer();
          if (peer != null) {
            client
                .presented(opened)
                .ifPresent(now -> certificates.compare(peer, request.uri(), now));
          }
        } catch (RuntimeException | Error bug) {
          if (opened instanceof Opened.Connected connected) {
            connected.close();
          }
          throw bug;
        }
        yield opened;
      }
    };
  }

  NamedClient named(PeerRequest request) {
    return clients.named(request.tls(), request.use());
  }

  Optional<ConnectProxy> proxyTo(URI uri) {
    return calls.proxyTo(uri);
  }

  /** Drops clients whose certificates were reloaded: the next call uses the new ones. */
  void certificatesUpdated(@Observes CertificateUpdatedEvent event) {
    clients.refresh(event.name());
    if (event.name().equals(TlsConfig.DEFAULT_NAME)) {
      clients.refresh(null);
    }
  }

  /** Ends the calls under way, and makes no more. */
  @PreDestroy
  public void close() {
    clients.close();
  }

  private static CallFailed noDocument(CallEnd.Response response) {
    Duration pause = response.times().pause();
    return new CallFailed(
        failure(response.status()),
        "answered with status "
            + response.status()
            + (pause == null ? "" : ", Retry-After " + pause.toSeconds() + " s"),
        response.times().retryAfter(),
        response.words());
  }

  private static FetchFailure failure(int status) {
    if (status >= 500 || status == 429) {
      return FetchFailure.SERVER_ERROR;
    }
    return status == 401 || status == 403 ? FetchFailure.ACCESS_REFUSED : FetchFailure.BAD_STATUS;
  }
}
