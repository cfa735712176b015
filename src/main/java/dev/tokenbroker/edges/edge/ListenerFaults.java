package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.text.StateLog;
import dev.tokenbroker.base.time.Clocks;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what callers do wrong before the broker reads a request, and logs one line a minute for
 * each kind and port. Safe for use by any number of threads.
 */
@Singleton
public final class ListenerFaults {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** A port of the broker. */
  public enum Listener {
    HTTP,
    MANAGEMENT,
    GRPC
  }

  /** What is wrong. */
  public enum ListenerFault {
    HTTP2("HTTP/2 or gRPC came. Give the caller the address of the gRPC port"),
    HTTP1("HTTP/1 came. Give the caller the address of the HTTP port"),
    TLS("TLS came, which the port does not speak. Have the caller use http, or set a certificate"),
    PLAIN("no TLS came, which the port demands. Have the caller use https or TLS"),
    PROXY_PROTOCOL("the PROXY protocol came. Switch it off at the load balancer"),
    OTHER_BYTES("an unknown protocol came. Find out what calls this port"),
    CLIENT_CERTIFICATE("a client certificate was refused. Renew it, or trust its authority"),
    HANDSHAKE("a TLS handshake failed. Compare TLS versions and what the caller trusts");

    private final String what;

    ListenerFault(String what) {
      this.what = what;
    }
  }

  private final HttpServer http;
  private final Clocks clock;
  private final StateLog log;
  private final Map<String, Long> counts = new ConcurrentHashMap<>();
  private volatile int grpcPort;

  public ListenerFaults(HttpServer http, Clocks clock) {
    this.http = http;
    this.clock = clock;
    this.log = new StateLog(ListenerFaults.class, MINUTE, clock::nanoTime);
  }

  /** Takes note of the port at which gRPC will listen. */
  public void grpcListens(int port) {
    grpcPort = port;
  }

  /** How often that happened since the start. */
  public long count(Listener port, ListenerFault fault) {
    return counts.getOrDefault(port + " " + fault, 0L);
  }

  /** The sentence for a caller that wants the other port. */
  String told(Listener port) {
    return port == Listener.GRPC
        ? "This is the gRPC port; HTTP is at port %d."
            .formatted(http.getSecurePort() > 0 ? http.getSecurePort() : http.getPort())
        : "This is the HTTP port; gRPC is at port %d.".formatted(grpcPort);
  }

  /** Counts a fault, and logs it as a new state of the port each minute. */
  void noted(Listener port, ListenerFault fault, String detail) {
    String subject = port + " " + fault;
    String name = port.name().toLowerCase(Locale.ROOT);
    long count = counts.merge(subject, 1L, Long::sum);
    log.begins(
        subject,
        clock.nanoTime() / MINUTE.toNanos(),
        () ->
            "At the %s port, %s (%d since the start, at last from %s)"
                .formatted(name, fault.what, count, Evidence.clean(detail)));
  }
}
