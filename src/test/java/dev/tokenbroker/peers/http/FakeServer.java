package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.process.runtime.Unchecked;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 server on 127.0.0.1, or on ::1, that writes exactly the bytes a test wants, right or
 * wrong: bare sockets, since a proper server would not let us lie. One virtual thread a connection.
 */
public final class FakeServer implements AutoCloseable {

  /** What was asked; header names are in lower case, the body is empty where none came. */
  public record Request(String method, String target, Map<String, String> headers, String body) {

    /** The parameters of the form in order, decoded, as {@code name=value}. */
    public List<String> parameters() {
      return body.isEmpty()
          ? List.of()
          : List.of(body.split("&", -1)).stream()
              .map(parameter -> URLDecoder.decode(parameter, UTF_8))
              .toList();
    }

    /** The values of the form by name, each in the order in which they came. */
    public Map<String, List<String>> form() {
      Map<String, List<String>> form = new TreeMap<>();
      for (String parameter : parameters()) {
        String[] pair = parameter.split("=", 2);
        form.computeIfAbsent(pair[0], _ -> new ArrayList<>()).add(pair[1]);
      }
      return form;
    }
  }

  /** Decides on the answer to a request. */
  @FunctionalInterface
  public interface Handler {
    Reply answer(Request request);
  }

  /** Writes an answer; the connection is closed afterwards. */
  @FunctionalInterface
  public interface Reply {
    void write(Socket connection) throws IOException;

    /** Accepts the request and says nothing until the other side gives up. */
    static Reply hang() {
      return connection -> {
        while (connection.getInputStream().read() >= 0) {
          // Whatever else comes is swallowed.
        }
      };
    }

    /** Closes the connection without a word. */
    static Reply drop() {
      return connection -> {};
    }

    /** Writes exactly these characters, one byte each. */
    static Reply raw(String bytes) {
      return connection -> connection.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    }

    /** Answers 200 with an empty JSON object. */
    static Reply ok() {
      return of(200, Map.of(), "{}");
    }

    static Reply of(int status, Map<String, String> headers, String body) {
      return of(status, headers, body.getBytes(UTF_8));
    }

    static Reply of(int status, Map<String, String> headers, byte[] body) {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Fake\r\n");
      headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
      head.append("Content-Length: " + body.length + "\r\nConnection: close\r\n\r\n");
      return connection -> {
        OutputStream out = connection.getOutputStream();
        out.write(head.toString().getBytes(ISO_8859_1));
        out.write(body);
      };
    }

    static Reply json(int status, String body) {
      return json(status, Map.of(), body);
    }

    static Reply json(int status, byte[] body) {
      return of(status, Map.of("Content-Type", "application/json"), body);
    }

    /** JSON with further headers, which may say another type. */
    static Reply json(int status, Map<String, String> headers, String body) {
      Map<String, String> all = new HashMap<>(headers);
      all.putIfAbsent("Content-Type", "application/json");
      return of(status, all, body);
    }

    /** A web page in place of a document. */
    static Reply page(int status) {
      return of(status, Map.of("Content-Type", "text/html"), "<!doctype html><p>Sign in</p>");
    }

    /** Answers the first bytes by bytes, without TLS or HTTP. */
    static Reply toFirstBytes(UnaryOperator<byte[]> script) {
      return connection -> {
        byte[] first = new byte[4096];
        InputStream in = connection.getInputStream();
        if (in.read(first) > 0) {
          connection.getOutputStream().write(script.apply(first));
          connection.shutdownOutput();
          while (in.read(first) >= 0) {
            // A close with unread bytes would be a reset, which may overtake the answer.
          }
        }
      };
    }

    /** A body in chunks without announced length, up to that size. */
    static Reply chunked(int bytes) {
      return connection -> {
        OutputStream out = connection.getOutputStream();
        out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(ISO_8859_1));
        byte[] chunk = new byte[16 * 1024];
        for (int sent = 0; sent < bytes; sent += chunk.length) {
          out.write((Integer.toHexString(chunk.length) + "\r\n").getBytes(ISO_8859_1));
          out.write(chunk);
          out.write("\r\n".getBytes(ISO_8859_1));
        }
        out.write("0\r\n\r\n".getBytes(ISO_8859_1));
      };
    }
  }

  /** Turns an accepted connection into the one to read and write. */
  private interface Layer {
    Socket over(Socket accepted) throws IOException;
  }

  private final ServerSocket listening;
  private final String origin;
  private final Layer layer;
  private final Reply conversation;
  private final Thread accepting;
  private final Set<Socket> open = new HashSet<>();
  private final List<Request> requests = new ArrayList<>();

  private FakeServer(int port, String origin, Layer layer, Function<FakeServer, Reply> speaking) {
    try {
      this.listening = new ServerSocket(port, 1000, InetAddress.ofLiteral("127.0.0.1"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    this.origin = origin + listening.getLocalPort();
    this.layer = layer;
    this.conversation = speaking.apply(this);
    this.accepting = Thread.ofVirtual().name("fake-server").start(this::accept);
  }

  public static FakeServer start(Handler handler) {
    return startAt(0, handler);
  }

  /** Starts one where another one was, or will have been. */
  public static FakeServer startAt(int port, Handler handler) {
    return new FakeServer(
        port, "http://127.0.0.1:", accepted -> accepted, server -> server.http(handler));
  }

  /** Starts one that leaves each connection to the conversation, and closes it afterwards. */
  public static FakeServer startRaw(Reply conversation) {
    return new FakeServer(0, "https://localhost:", accepted -> accepted, _ -> conversation);
  }

  /** Starts one without TLS where the context is null. */
  public static FakeServer start(@Nullable SSLContext context, Handler handler) {
    return context == null ? start(handler) : startTls(context, handler);
  }

  public static FakeServer startTls(SSLContext context, Handler handler) {
    return startTlsAt(0, context, handler);
  }

  /** Starts one where another one was, or will have been. */
  public static FakeServer startTlsAt(int port, SSLContext context, Handler handler) {
    return startTls(port, () -> context, false, handler);
  }

  /** Starts one that takes the TLS context of each connection from there. */
  public static FakeServer startTls(Supplier<SSLContext> context, Handler handler) {
    return startTls(0, context, false, handler);
  }

  /** Starts one that ends connections without a client certificate. */
  public static FakeServer startMutualTls(SSLContext context, Handler handler) {
    return startTls(0, () -> context, true, handler);
  }

  private static FakeServer startTls(
      int port, Supplier<SSLContext> context, boolean mutual, Handler handler) {
    Layer tls =
        accepted -> {
          // In server mode. Nothing is consumed yet, and closing it closes the accepted one.
          SSLSocket secured =
              (SSLSocket) context.get().getSocketFactory().createSocket(accepted, null, true);
          secured.setNeedClientAuth(mutual);
          return secured;
        };
    return new FakeServer(port, "https://localhost:", tls, server -> server.http(handler));
  }

  /** A moment as the header Date has it. */
  public static String date(Instant moment) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(moment.atOffset(ZoneOffset.UTC));
  }

  public int port() {
    return listening.getLocalPort();
  }

  /**
   * {@code http://127.0.0.1:PORT}, or {@code https://localhost:PORT} with TLS; with {@code [::1]}
   * in place of either.
   */
  public String origin() {
    return origin;
  }

  /** The requests so far, in order. */
  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  public boolean isClosed() {
    return listening.isClosed();
  }

  /** Waits until no connection is open; false where there still is one after that time. */
  public boolean awaitNoConnection(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    synchronized (open) {
      for (long left = time.toNanos();
          !open.isEmpty() && left > 0;
          left = end - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(open, left);
      }
      return open.isEmpty();
    }
  }

  @Override
  public void close() {
    Unchecked.run(
        () -> {
          listening.close();
          accepting.join(); // it holds the port until it has left accept()
          for (Socket connection : connections()) {
            connection.close();
          }
        });
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket connection = listening.accept();
        synchronized (open) {
          open.add(connection);
        }
        Thread.ofVirtual().name("fake-connection").start(() -> serve(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private Reply http(Handler handler) {
    return connection -> {
      Request request = read(new BufferedInputStream(connection.getInputStream()));
      if (request != null) {
        synchronized (requests) {
          requests.add(request);
        }
        handler.answer(request).write(connection);
        connection.getOutputStream().flush();
      }
    };
  }

  private void serve(Socket accepted) {
    try (Socket connection = layer.over(accepted)) {
      conversation.write(connection);
    } catch (SocketException gone) {
      // The client hung up, as some tests want it to.
    } catch (IOException broken) {
      // A failed handshake: the client says why.
    } finally {
      synchronized (open) {
        open.remove(accepted);
        open.notifyAll();
      }
    }
  }

  private List<Socket> connections() {
    synchronized (open) {
      return List.copyOf(open);
    }
  }

  private static @Nullable Request read(InputStream in) throws IOException {
    String first = line(in);
    if (first == null) {
      return null;
    }
    String[] parts = first.split(" ", 3);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        return null; // no HTTP: the hello of TLS, say
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Request(parts[0], parts[1], headers, new String(in.readNBytes(length), ISO_8859_1));
  }

  private static @Nullable String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(ISO_8859_1);
  }
}
