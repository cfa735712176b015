package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.base.time.Clocks;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Counts what callers do wrong before the broker reads a request, and logs one line a minute for
 * each kind and port. Safe for use by any number of threads.
 */
@Singleton
public final class ListenerFaults {

  private static final Logger log = Logger.getLogger(ListenerFaults.class);
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

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
  private final Map<String, FaultCount> counts = new ConcurrentHashMap<>();
  private volatile int grpcPort;

  private record FaultCount(long total, long told, long toldNanos) {}

  public ListenerFaults(HttpServer http, Clocks clock) {
    this.http = http;
    this.clock = clock;
  }

  /** Takes note of the port at which gRPC listens. */
  public void grpcListens(int port) {
    grpcPort = port;
  }

  /** How often that happened since the start. */
  public long count(Listener port, ListenerFault fault) {
    FaultCount count = counts.get(port + " " + fault);
    return count == null ? 0 : count.total();
  }

  /** The sentence for a caller: what the port takes, and where the other protocol is. */
  String told(Listener port, boolean tls) {
    int httpPort = http.getSecurePort() > 0 ? http.getSecurePort() : http.getPort();
    String with = tls ? "with" : "without";
    return port == Listener.GRPC
        ? "This is the gRPC port, %s TLS; HTTP is at port %d.".formatted(with, httpPort)
        : "This is the %s port, HTTP/1.1 %s TLS; gRPC is at port %d."
            .formatted(port == Listener.HTTP ? "HTTP" : "management", with, grpcPort);
  }

  /** Counts a fault, and logs it unless the last minute has such a line. */
  void noted(Listener port, ListenerFault fault, String from, String detail) {
    long now = clock.nanoTime();
    FaultCount next =
        counts.compute(
            port + " " + fault,
            (_, was) -> {
              if (was == null) {
                return new FaultCount(1, 0, now);
              }
              boolean tells = now - was.toldNanos() >= MINUTE_NANOS;
              return new FaultCount(
                  was.total() + 1, tells ? was.total() : was.told(), tells ? now : was.toldNanos());
            });
    if (next.toldNanos() == now) {
      log.warnf(
          "At the %s port, %s (%d since the last such line, at last from %s: %s)",
          port.name().toLowerCase(Locale.ROOT),
          fault.what,
          next.total() - next.told(),
          from,
          Evidence.clean(detail));
    }
  }
}
