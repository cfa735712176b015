package dev.tokenbroker.token;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.upstream.FakeServer.Reply;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/**
 * A security token service on 127.0.0.1 that answers exactly the bytes a test wants: bare sockets,
 * since a proper server would not let us lie. One virtual thread a connection.
 */
public final class FakeUpstream implements AutoCloseable {

  static final String JSON = "application/json";

  private final ServerSocket listening;
  private final String origin;
  private final Function<Asked, Reply> script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());

  /** A request as it came; header names are in lower case, {@code form} is as it was sent. */
  public record Asked(String method, String path, Map<String, String> headers, String form) {

    /** The parameters in order, decoded, as {@code name=value}. */
    public List<String> parameters() {
      return form.isEmpty()
          ? List.of()
          : List.of(form.split("&", -1)).stream()
              .map(parameter -> URLDecoder.decode(parameter, UTF_8))
              .toList();
    }
  }

  private FakeUpstream(ServerSocket listening, String scheme, Function<Asked, Reply> script) {
    this.listening = listening;
    this.origin = scheme + listening.getLocalPort();
    this.script = script;
  }

  public static FakeUpstream start(Function<Asked, Reply> script) {
    return startAt(0, script);
  }

  /** Starts one where another one was, or will have been. */
  public static FakeUpstream startAt(int port, Function<Asked, Reply> script) {
    return listen(ServerSocketFactory.getDefault(), port, "http://127.0.0.1:", script);
  }

  public static FakeUpstream startTls(SSLContext context, Function<Asked, Reply> script) {
    return listen(context.getServerSocketFactory(), 0, "https://localhost:", script);
  }

  private static FakeUpstream listen(
      ServerSocketFactory sockets, int port, String scheme, Function<Asked, Reply> script) {
    try {
      ServerSocket listening =
          sockets.createServerSocket(
              port, 512, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
      FakeUpstream upstream = new FakeUpstream(listening, scheme, script);
      Thread.ofVirtual().name("fake-upstream").start(upstream::accept);
      return upstream;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** A token response. */
  public static Reply json(int status, String body) {
    return Reply.of(status, Map.of("Content-Type", JSON), body);
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
      OutputStream out = connection.getOutputStream();
      out.write(
          ("HTTP/1.1 200 OK\r\nContent-Type: " + JSON + "\r\nContent-Length: 1000\r\n\r\n")
              .getBytes(ISO_8859_1));
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
        ("HTTP/1.1 200 OK\r\nContent-Type: " + JSON + "\r\nContent-Length: 1000\r\n\r\n" + body)
            .getBytes(ISO_8859_1));
  }

  public int port() {
    return listening.getLocalPort();
  }

  public String origin() {
    return origin;
  }

  public URI uri(String path) {
    return URI.create(origin + path);
  }

  /** The requests so far, in order. */
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  public boolean isClosed() {
    return listening.isClosed();
  }

  /** How many connections are open. */
  public int connections() {
    return open.size();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket connection : open) {
        connection.close();
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket connection = listening.accept();
        open.add(connection);
        Thread.ofVirtual().name("fake-upstream-connection").start(() -> serve(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      Asked request = read(new BufferedInputStream(connection.getInputStream()));
      asked.add(request);
      script.apply(request).write(connection);
      connection.getOutputStream().flush();
    } catch (IOException gone) {
      // The client hung up, or trusts us not: it says why.
    } finally {
      open.remove(connection);
    }
  }

  private static Asked read(InputStream in) throws IOException {
    String[] first = line(in).split(" ", 3);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Asked(first[0], first[1], headers, new String(in.readNBytes(length), ISO_8859_1));
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("hung up");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(ISO_8859_1);
  }

  /** For a message: what was asked of it, in order, without what was sent. */
  @Override
  public String toString() {
    return new ArrayList<>(asked).stream().map(Asked::path).toList().toString();
  }
}
