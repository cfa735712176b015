package dev.tokenbroker.devissuer;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.OptionalInt;
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

  private final Vertx vertx;
  private final DevIssuerSettings settings;
  private final TlsConfigurationRegistry registry;
  private final CiIssuer issuer;
  private final CiResponses responses;
  private volatile @Nullable RunningServer running;

  private record RunningServer(
      HttpServer http, int port, DevAuthority authority, PfxOptions certificate) {

    RunningServer with(HttpServer next) {
      return new RunningServer(next, port, authority, certificate);
    }
  }

  CiServer(
      Vertx vertx, DevIssuerSettings settings, TlsConfigurationRegistry registry, CiIssuer issuer) {
    this.vertx = vertx;
    this.settings = settings;
    this.registry = registry;
    this.issuer = issuer;
    this.responses = new CiResponses(vertx, issuer);
  }

  void start(@Observes @Priority(EARLY) Startup event) {
    if (settings.ciPort().isEmpty()) {
      return;
    }
    DevAuthority authority = DevAuthority.generate();
    PfxOptions certificate = authority.lastingCertificate();
    registry.register(DevTrust.NAME, new DevTrust(authority.root()));
    HttpServer http = listen(settings.ciPort().getAsInt(), certificate);
    running = new RunningServer(http, http.actualPort(), authority, certificate);
  }

  private HttpServer listen(int port, PfxOptions certificate) {
    HttpServer http =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(LOOPBACK)
                    .setPort(port)
                    .setSsl(true)
                    .setKeyCertOptions(certificate)
                    .setIdleTimeout(IDLE_SECONDS))
            .requestHandler(responses::receive);
    await(http.listen(), "listen on port " + port);
    return http;
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
    return now == null ? OptionalInt.empty() : OptionalInt.of(now.port());
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
      restart(now, isExpired ? now.authority().expiredCertificate() : now.certificate());
    }
    issuer.behave(next);
    responses.closeHanging();
  }

  /**
   * Starts again with that certificate, as a real server does. No client can resume a TLS session
   * of before, and each sees the certificate.
   */
  private void restart(RunningServer now, PfxOptions certificate) {
    await(now.http().close(), "close");
    running = now.with(listen(now.port(), certificate));
  }

  private static void await(Future<?> future, String what) {
    try {
      future.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Stopped while the issuer ci had to " + what, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("The issuer ci could not " + what, e);
    }
  }
}
