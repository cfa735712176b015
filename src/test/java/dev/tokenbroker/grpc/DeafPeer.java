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

/**
 * A client that asks for much over HTTP/2 and reads none of it, so that nothing more can be written
 * to it. Its frames are those of RFC 9113 section 4.1.
 */
final class DeafPeer implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;
  private static final int SMALLEST_BUFFER = 4_096;
  private static final int LARGEST_WINDOW = Integer.MAX_VALUE;
  private static final int FIRST_WINDOW = 65_535;

  private static final int DATA = 0x0;
  private static final int HEADERS = 0x1;
  private static final int SETTINGS = 0x4;
  private static final int WINDOW_UPDATE = 0x8;
  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int INITIAL_WINDOW_SIZE = 0x4;

  /** In the indices of RFC 7541 appendix A. */
  private static final int GET = 0x82;

  private static final int POST = 0x83;

  private final Socket socket = new Socket();
  private int lastStream = -1;

  DeafPeer(URI broker) {
    try {
      socket.setReceiveBufferSize(SMALLEST_BUFFER);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(broker.getHost(), broker.getPort()), PATIENCE_MILLIS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    byte[] window =
        ByteBuffer.allocate(6).putShort((short) INITIAL_WINDOW_SIZE).putInt(LARGEST_WINDOW).array();
    send(frame(SETTINGS, 0, 0, window));
    byte[] more = ByteBuffer.allocate(4).putInt(LARGEST_WINDOW - FIRST_WINDOW).array();
    send(frame(WINDOW_UPDATE, 0, 0, more));
  }

  /** Asks for that. */
  void get(String path) {
    lastStream += 2;
    send(frame(HEADERS, END_HEADERS | END_STREAM, lastStream, head(GET, path).toByteArray()));
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
  void untilClosed() {
    byte[] some = new byte[1 << 16];
    try {
      while (socket.getInputStream().read(some) >= 0) {
        // forgets it
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
