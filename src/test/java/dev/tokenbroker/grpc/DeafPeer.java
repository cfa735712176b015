package dev.tokenbroker.grpc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A client that asks for much and reads none of it, so that nothing more can be written to it. Its
 * frames are those of RFC 9113 section 4.1.
 */
public final class DeafPeer implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;
  private static final int SMALLEST_BUFFER = 4_096;
  private static final int LARGEST_WINDOW = Integer.MAX_VALUE;
  private static final int FIRST_WINDOW = 65_535;

  private static final int DATA = 0x0;
  private static final int HEADERS = 0x1;
  private static final int RST_STREAM = 0x3;
  private static final int SETTINGS = 0x4;
  private static final int PING = 0x6;
  private static final int WINDOW_UPDATE = 0x8;
  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int INITIAL_WINDOW_SIZE = 0x4;

  /** In the indices of RFC 7541 appendix A. */
  private static final int GET = 0x82;

  private static final int POST = 0x83;
  private static final int CANCEL = 0x8;

  private final Socket socket = new Socket();
  private int lastStream = -1;

  /** One whose windows are as large as can be. */
  public DeafPeer(URI broker) {
    this(broker, LARGEST_WINDOW);
    byte[] more = ByteBuffer.allocate(4).putInt(LARGEST_WINDOW - FIRST_WINDOW).array();
    send(frame(WINDOW_UPDATE, 0, 0, more));
  }

  private DeafPeer(URI broker, int window) {
    connect(broker);
    send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    byte[] settings =
        ByteBuffer.allocate(6).putShort((short) INITIAL_WINDOW_SIZE).putInt(window).array();
    send(frame(SETTINGS, 0, 0, settings));
  }

  private DeafPeer() {}

  /** One that lets nothing be sent on its streams. */
  public static DeafPeer withoutWindows(URI broker) {
    return new DeafPeer(broker, 0);
  }

  /** One that opens no more than the windows that there are at first. */
  static DeafPeer withFirstWindows(URI broker) {
    return new DeafPeer(broker, FIRST_WINDOW);
  }

  /** One that speaks HTTP/1.1, once it does. */
  public static DeafPeer silent(URI broker) {
    DeafPeer peer = new DeafPeer();
    peer.connect(broker);
    return peer;
  }

  private void connect(URI broker) {
    try {
      socket.setReceiveBufferSize(SMALLEST_BUFFER);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(broker.getHost(), broker.getPort()), PATIENCE_MILLIS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks for that. */
  public void get(String path) {
    lastStream += 2;
    send(frame(HEADERS, END_HEADERS | END_STREAM, lastStream, head(GET, path).toByteArray()));
  }

  /** Asks for that so many times, over HTTP/1.1. */
  public void pipeline(String path, int times) {
    String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    send(request.repeat(times).getBytes(StandardCharsets.US_ASCII));
  }

  /** Takes back what it asked for last. */
  public void reset() {
    send(frame(RST_STREAM, 0, lastStream, ByteBuffer.allocate(4).putInt(CANCEL).array()));
  }

  /** Shows that it is there. */
  public void ping() {
    send(frame(PING, 0, 0, new byte[8]));
  }

  /** Begins a call, and sends that much of it. */
  void begin(String method, byte[] part) {
    lastStream += 2;
    ByteArrayOutputStream head = head(POST, "/" + method);
    head.write(0x0F); // content-type, literal
    head.write(0x10);
    text(head, "application/grpc");
    send(frame(HEADERS, END_HEADERS, lastStream, head.toByteArray()));
    send(frame(DATA, 0, lastStream, part));
  }

  /** Reads and forgets until the other side closes. */
  public void untilClosed() {
    untilClosed(() -> {});
  }

  /** Does so without ever being idle. */
  public void pingUntilClosed() {
    untilClosed(this::ping);
  }

  private void untilClosed(Runnable beforeEach) {
    byte[] some = new byte[1 << 16];
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    try {
      beforeEach.run();
      while (socket.getInputStream().read(some) >= 0) {
        if (System.nanoTime() - end > 0) {
          throw new AssertionError("not closed");
        }
        beforeEach.run();
      }
    } catch (SocketException reset) {
      // closed, too
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (SocketException closed) {
      // as who reads will see
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteArrayOutputStream head(int method, String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(method);
    block.write(0x86); // :scheme http
    block.write(0x04); // :path, literal
    text(block, path);
    block.write(0x01); // :authority, literal
    text(block, "localhost");
    return block;
  }

  private static void text(ByteArrayOutputStream block, String text) {
    block.write(text.length());
    block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
