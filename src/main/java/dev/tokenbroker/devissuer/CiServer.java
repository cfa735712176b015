package dev.tokenbroker.devissuer;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.SSLOptions;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The HTTPS server of the issuer {@code ci} and the upstream {@code corp-sso}, on loopback. It
 * registers the authority of its certificate, so that the federation can name it. Safe for use by
 * several threads.
 */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
final class CiServer {

  /** The priority of the observer that starts it. */
  static final int EARLY = 1;

  private static final String LOOPBACK = "127.0.0.1";
  private static final int START_SECONDS = 10;
  private static final int IDLE_SECONDS = 30;
  private static final long SLOW_MILLIS = 1_000;

  /** The shortest time that the broker accepts, so that it soon fetches again. */
  private static final String CACHE_CONTROL = "max-age=1";

  private final Vertx vertx;
  private final DevIssuerSettings settings;
  private final TlsConfigurationRegistry registry;
  private final CiIssuer issuer;
  private final CorpSso upstream = new CorpSso();

  /** Connections with a request that gets no response. */
  private final Set<HttpConnection> hanging = ConcurrentHashMap.newKeySet();

  private volatile @Nullable RunningServer running;

  private record RunningServer(HttpServer http, DevAuthority authority, PfxOptions certificate) {}

  CiServer(
      Vertx vertx, DevIssuerSettings settings, TlsConfigurationRegistry registry, CiIssuer issuer) {
    this.vertx = vertx;
    this.settings = settings;
    this.registry = registry;
    this.issuer = issuer;
  }

  void start(@Observes @Priority(EARLY) Startup event) {
    if (settings.ciPort().isEmpty()) {
      return;
    }
    int port = settings.ciPort().getAsInt();
    DevAuthority authority = DevAuthority.generate();
    PfxOptions certificate = authority.lastingCertificate();
    registry.register(DevTrust.NAME, new DevTrust(authority.root()));
    HttpServer http =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setHost(LOOPBACK)
                .setPort(port)
                .setSsl(true)
                .setKeyCertOptions(certificate)
                .setIdleTimeout(IDLE_SECONDS));
    await(http.requestHandler(this::receive).listen(), "listen on port " + port);
    running = new RunningServer(http, authority, certificate);
  }

  void stop(@Observes Shutdown event) {
    RunningServer ending = running;
    running = null;
    if (ending != null) {
      await(ending.http().close(), "close");
    }
  }

  /** The port that it listens on; empty while it does not run. */
  OptionalInt port() {
    RunningServer now = running;
    return now == null ? OptionalInt.empty() : OptionalInt.of(now.http().actualPort());
  }

  /**
   * Ends the present fault and begins that one; null for none. Connections that hang are closed, so
   * that the next requests get what holds from now on.
   */
  synchronized void behave(@Nullable Fault next) {
    RunningServer now = running;
    if (now == null) {
      throw new IllegalStateException("The issuer ci does not run");
    }
    boolean wasExpired = issuer.fault() == Fault.EXPIRE_CERTIFICATE;
    boolean isExpired = next == Fault.EXPIRE_CERTIFICATE;
    if (wasExpired != isExpired) {
      PfxOptions certificate = isExpired ? now.authority().expiredCertificate() : now.certificate();
      await(
          now.http().updateSSLOptions(new SSLOptions().setKeyCertOptions(certificate), true),
          "take another certificate");
    }
    issuer.behave(next);
    hanging.forEach(HttpConnection::close);
  }

  // --- on the event loop

  private void receive(HttpServerRequest request) {
    // Vert.x reads a form only where the request says what it is.
    request.setExpectMultipart(request.headers().contains("Content-Type"));
    request.exceptionHandler(_ -> request.connection().close());
    request.endHandler(_ -> respond(request));
  }

  private void respond(HttpServerRequest request) {
    Fault fault = issuer.fault();
    if (fault == Fault.HANG) {
      hang(request.connection());
    } else if (fault == Fault.SLOW) {
      long _ = vertx.setTimer(SLOW_MILLIS, _ -> send(request, answer(request)));
    } else {
      send(request, answer(request));
    }
  }

  private void hang(HttpConnection connection) {
    hanging.add(connection);
    connection.closeHandler(_ -> hanging.remove(connection));
  }

  private CiAnswer answer(HttpServerRequest request) {
    Fault fault = issuer.fault();
    if (fault == Fault.UNAVAILABLE) {
      return CiAnswer.UNAVAILABLE;
    }
    if (fault == Fault.HTML) {
      return CiAnswer.LOGIN_PAGE;
    }
    int port = request.localAddress().port();
    return switch (request.method() + " " + request.path()) {
      case "GET " + CiIssuer.DISCOVERY_PATH -> CiAnswer.json(200, issuer.discovery(port));
      case "GET " + CiIssuer.KEYS_PATH -> CiAnswer.json(200, issuer.keySet());
      case "POST " + CiIssuer.TOKEN_PATH ->
          fault == Fault.STORM
              ? CiAnswer.UNAVAILABLE
              : upstream.answer(request.getHeader("Authorization"), request.formAttributes());
      default -> CiAnswer.NOT_FOUND;
    };
  }

  private void send(HttpServerRequest request, CiAnswer answer) {
    Future<Void> _ =
        request
            .response()
            .setStatusCode(answer.status())
            .putHeader("Content-Type", answer.type())
            .putHeader("Cache-Control", CACHE_CONTROL)
            .putHeader(
                "Date",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(issuer.now().atOffset(ZoneOffset.UTC)))
            .end(answer.body());
  }

  private static void await(Future<?> future, String what) {
    try {
      Object _ =
          future.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Stopped while the issuer ci had to " + what, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("The issuer ci could not " + what, e);
    }
  }
}
