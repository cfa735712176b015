package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 server on 127.0.0.1, or on ::1, that writes exactly the bytes a test wants, right or
 * wrong: bare sockets, since a proper server would not let us lie. One virtual thread a connection.
 */
public final class FakeServer implements AutoCloseable {

  /** What was asked; header names are in lower case, the body is empty where none came. */
  public record Request(String method, String target, Map<String, String> headers, String body) {}

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

  private final ServerSocket listening;
  private final String origin;
  private final @Nullable Supplier<SSLContext> changingTls;
  private final Handler handler;
  private final Set<Socket> open = new HashSet<>();
  private final List<Request> requests = new ArrayList<>();

  private FakeServer(
      ServerSocket listening,
      String origin,
      @Nullable Supplier<SSLContext> changingTls,
      Handler handler) {
    this.listening = listening;
    this.origin = origin + listening.getLocalPort();
    this.changingTls = changingTls;
    this.handler = handler;
  }

  public static FakeServer start(Handler handler) {
    return startAt(0, handler);
  }

  /** Starts one where another one was, or will have been. */
  public static FakeServer startAt(int port, Handler handler) {
    return listen(ServerSocketFactory.getDefault(), port, "http://127.0.0.1:", handler);
  }

  public static FakeServer startTls(SSLContext context, Handler handler) {
    return startTlsAt(0, context, handler);
  }

  /** Starts one where another one was, or will have been. */
  public static FakeServer startTlsAt(int port, SSLContext context, Handler handler) {
    return listen(context.getServerSocketFactory(), port, "https://localhost:", handler);
  }

  /** Starts one that takes the TLS context of each connection from there. */
  public static FakeServer startTls(Supplier<SSLContext> context, Handler handler) {
    return listen(
        ServerSocketFactory.getDefault(), 0, "https://localhost:", handler, false, context);
  }

  /** Starts one that ends connections without a client certificate. */
  public static FakeServer startMutualTls(SSLContext context, Handler handler) {
    return listen(context.getServerSocketFactory(), 0, "https://localhost:", handler, true, null);
  }

  private static FakeServer listen(
      ServerSocketFactory sockets, int port, String origin, Handler handler) {
    return listen(sockets, port, origin, handler, false, null);
  }

  private static FakeServer listen(
      ServerSocketFactory sockets,
      int port,
      String origin,
      Handler handler,
      boolean mutual,
      @Nullable Supplier<SSLContext> changingTls) {
    try {
      ServerSocket listening =
          sockets.createServerSocket(port, 512, InetAddress.ofLiteral("127.0.0.1"));
      if (mutual) {
        ((SSLServerSocket) listening).setNeedClientAuth(true);
      }
      FakeServer server = new FakeServer(listening, origin, changingTls, handler);
      Thread.ofVirtual().name("fake-server").start(server::accept);
      return server;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
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
    try {
      listening.close();
      for (Socket connection : connections()) {
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
        synchronized (open) {
          open.add(connection);
        }
        Thread.ofVirtual().name("fake-connection").start(() -> serve(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private Socket secured(Socket plain) throws IOException {
    if (changingTls == null) {
      return plain;
    }
    // A socket in server mode: nothing is consumed yet, and closing it closes the plain one.
    return changingTls.get().getSocketFactory().createSocket(plain, null, true);
  }

  private void serve(Socket accepted) {
    try (Socket connection = secured(accepted)) {
      Request request = read(new BufferedInputStream(connection.getInputStream()));
      if (request != null) {
        synchronized (requests) {
          requests.add(request);
        }
        handler.answer(request).write(connection);
        connection.getOutputStream().flush();
      }
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
