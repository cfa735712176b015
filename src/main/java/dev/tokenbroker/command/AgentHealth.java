package dev.tokenbroker.command;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tokenbroker.base.jose.JsonBytes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Serves the state of an agent's files at the addresses of a broker's own health, so that {@code
 * token-broker health} and the probes of containers read it. {@code /q/health/live} answers 200
 * while the agent runs; the others answer 503 unless all files are fresh. At most 16 connections
 * are open, and a request has 5 s.
 */
final class AgentHealth implements AutoCloseable {

  private static final String LIVE = "/q/health/live";
  private static final Map<String, Object> UP = Map.of("status", "UP", "checks", List.of());
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private final HttpServer server;
  private final Supplier<Map<String, Object>> report;

  /**
   * Begins to serve.
   *
   * @param address the system chooses the port if it is 0
   * @param report the state, whose member {@code status} is UP or DOWN
   */
  AgentHealth(InetSocketAddress address, Supplier<Map<String, Object>> report, Executor executor)
      throws Failure {
    // The JDK reads them once. A native executable has them from its build.
    System.setProperty("jdk.httpserver.maxConnections", "16");
    System.setProperty("sun.net.httpserver.maxReqTime", "5");
    this.report = report;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException taken) {
      throw new Failure(ExitCode.OS, "the health port cannot be opened at " + address);
    }
    server.setExecutor(executor);
    var _ = server.createContext("/q/health", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, Object> state =
          exchange.getRequestURI().getPath().equals(LIVE) ? UP : report.get();
      byte[] body = JsonBytes.of(state);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(
          "UP".equals(state.get("status")) ? OK : UNAVAILABLE, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
