package dev.tokenbroker.command;

import dev.tokenbroker.base.jose.JsonBytes;
import dev.tokenbroker.command.agent.AgentDocument.HealthAddress;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Serves the state of an agent's files at the addresses of the broker's own health, so that {@code
 * token-broker health} and probes of containers read it: {@code /q/health/live} answers 200 while the
 * agent runs, {@code /q/health/ready} and {@code /q/health/started} answer 503 unless all files are
 * fresh. It has no token to give away. At most {@value #MAX_CONNECTIONS} connections are open, each
 * for at most 5 s without traffic.
 */
final class AgentHealth implements AutoCloseable {

  private static final int MAX_CONNECTIONS = 16;
  private static final int IDLE_SECONDS = 5;
  private static final int MAX_HEAD_BYTES = 4096;
  private static final int START_SECONDS = 10;

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;

  private final Vertx vertx;
  private final Supplier<Map<String, Object>> report;
  private final AtomicInteger open = new AtomicInteger();
  private int port;

  private AgentHealth(Vertx vertx, Supplier<Map<String, Object>> report) {
    this.vertx = vertx;
    this.report = report;
  }

  /**
   * Listens until it is closed; the system chooses the port if that of the address is 0.
   *
   * @param report the state, whose member {@code status} is UP or DOWN
   */
  static AgentHealth start(HealthAddress address, Supplier<Map<String, Object>> report)
      throws Failure {
    Vertx vertx = ShortLivedVertx.start();
    AgentHealth health = new AgentHealth(vertx, report);
    HttpServerOptions options =
        new HttpServerOptions()
            .setIdleTimeout(IDLE_SECONDS)
            .setMaxInitialLineLength(MAX_HEAD_BYTES)
            .setMaxHeaderSize(MAX_HEAD_BYTES)
            .setHttp2ClearTextEnabled(false);
    try {
      HttpServer server =
          vertx
              .createHttpServer(options)
              .connectionHandler(health::bound)
              .requestHandler(health::answer)
              .listen(address.port(), address.host())
              .toCompletionStage()
              .toCompletableFuture()
              .get(START_SECONDS, TimeUnit.SECONDS);
      health.port = server.actualPort();
      return health;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      health.close();
      throw new Failure(ExitCode.OS, "interrupted");
    } catch (ExecutionException | TimeoutException taken) {
      health.close();
      throw new Failure(
          ExitCode.OS, "the health port " + address.port() + " cannot be opened at its address");
    }
  }

  int port() {
    return port;
  }

  private void bound(HttpConnection connection) {
    if (open.incrementAndGet() > MAX_CONNECTIONS) {
      Future<Void> _ = connection.close();
    }
    HttpConnection _ = connection.closeHandler(_ -> open.decrementAndGet());
  }

  private void answer(HttpServerRequest request) {
    switch (request.path()) {
      case "/q/health/live" -> end(request, OK, Map.of("status", "UP", "checks", List.of()));
      case "/q/health", "/q/health/ready", "/q/health/started" -> {
        Map<String, Object> state = report.get();
        end(request, "UP".equals(state.get("status")) ? OK : UNAVAILABLE, state);
      }
      case null, default -> end(request, NOT_FOUND, Map.of());
    }
  }

  private static void end(HttpServerRequest request, int status, Map<String, Object> body) {
    boolean reads = request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
    Future<Void> _ =
        request
            .response()
            .setStatusCode(reads ? status : METHOD_NOT_ALLOWED)
            .putHeader("content-type", "application/json")
            .putHeader("cache-control", "no-store")
            .end(Buffer.buffer(JsonBytes.of(reads ? body : Map.of())));
  }

  @Override
  public void close() {
    Future<Void> _ = vertx.close();
  }
}
