package dev.tokenbroker.issue.sts;

import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/** A security token service on loopback that answers exactly the bytes a test wants. */
public final class FakeUpstream implements AutoCloseable {

  static final String JSON = "application/json";

  private final FakeServer server;

  /** A request as it came; header names are in lower case, {@code form} is as it was sent. */
  public record Asked(String method, String path, Map<String, String> headers, String form) {

    /** The parameters in order, decoded, as {@code name=value}. */
    public List<String> parameters() {
      return request().parameters();
    }

    FakeServer.Request request() {
      return new FakeServer.Request(method, path, headers, form);
    }

    private static Asked of(FakeServer.Request request) {
      return new Asked(request.method(), request.target(), request.headers(), request.body());
    }
  }

  private FakeUpstream(FakeServer server) {
    this.server = server;
  }

  public static FakeUpstream start(Function<Asked, Reply> script) {
    return startAt(0, script);
  }

  /** Starts one where another one was, or will have been. */
  public static FakeUpstream startAt(int port, Function<Asked, Reply> script) {
    return new FakeUpstream(FakeServer.startAt(port, request -> script.apply(Asked.of(request))));
  }

  public static FakeUpstream startTls(SSLContext context, Function<Asked, Reply> script) {
    return new FakeUpstream(
        FakeServer.startTls(context, request -> script.apply(Asked.of(request))));
  }

  /** A token response. */
  public static Reply json(int status, String body) {
    return Reply.json(status, body);
  }

  /** A token that lives for 300 s. */
  public static Reply token() {
    return json(200, "{\"access_token\":\"opaque\",\"token_type\":\"Bearer\",\"expires_in\":300}");
  }

  /** Accepts the request, and breaks the connection off by a reset. */
  public static Reply reset() {
    return connection -> connection.setSoLinger(true, 0);
  }

  /** A proper head, and then a byte now and then until the other side hangs up. */
  public static Reply drip() {
    return connection -> {
      cutShort("").write(connection);
      OutputStream out = connection.getOutputStream();
      while (true) {
        out.write(' ');
        out.flush();
        LockSupport.parkNanos(10_000_000);
      }
    };
  }

  /** Announces more than it sends. */
  public static Reply cutShort(String body) {
    return Reply.raw(
        "HTTP/1.1 200 OK\r\nContent-Type: " + JSON + "\r\nContent-Length: 1000\r\n\r\n" + body);
  }

  public int port() {
    return server.port();
  }

  public String origin() {
    return server.origin();
  }

  public URI uri(String path) {
    return URI.create(origin() + path);
  }

  /** The requests so far, in order. */
  public List<Asked> asked() {
    return server.requests().stream().map(Asked::of).toList();
  }

  public boolean isClosed() {
    return server.isClosed();
  }

  /** Waits until no connection is open; false where there still is one after that time. */
  public boolean awaitNoConnection(Duration time) throws InterruptedException {
    return server.awaitNoConnection(time);
  }

  @Override
  public void close() {
    server.close();
  }

  /** For a message: what was asked of it, in order, without what was sent. */
  @Override
  public String toString() {
    return asked().stream().map(Asked::path).toList().toString();
  }
}
