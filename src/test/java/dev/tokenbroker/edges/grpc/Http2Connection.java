package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.edges.grpc.Http2Frames.Frame;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;

/** A connection on which any frames can be sent, as no well-behaved client would. */
public final class Http2Connection implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 30_000;

  private final Socket socket = new Socket();
  private boolean lost;

  public Http2Connection(URI broker) {
    this(broker, 0);
  }

  /**
   * @param receiveBufferBytes what the system holds, about, of what is not read yet; 0 for what it
   *     likes
   */
  public Http2Connection(URI broker, int receiveBufferBytes) {
    try {
      if (receiveBufferBytes > 0) {
        socket.setReceiveBufferSize(receiveBufferBytes);
      }
      socket.connect(new InetSocketAddress(broker.getHost(), broker.getPort()), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends as much as the other side takes. */
  public Http2Connection send(byte[] frames) {
    try {
      socket.getOutputStream().write(frames);
    } catch (SocketException closed) {
      lost = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Whether the other side would not take all that was sent. */
  public boolean isLost() {
    return lost;
  }

  /** The next frame. */
  public Frame frame() {
    try {
      byte[] head = bytes(Frame.HEAD_BYTES);
      return Frame.of(head, bytes(Frame.length(head)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] bytes(int count) throws IOException {
    byte[] bytes = socket.getInputStream().readNBytes(count);
    if (bytes.length < count) {
      throw new AssertionError("closed");
    }
    return bytes;
  }

  /** Reads and forgets until the other side closes. */
  public void untilClosed() {
    byte[] forgotten = new byte[1 << 16];
    try {
      while (socket.getInputStream().read(forgotten) >= 0) {
        lost = false;
      }
    } catch (SocketException reset) {
      lost = true;
    } catch (IOException e) {
      throw new AssertionError("not closed", e);
    }
  }

  @Override
  public void close() {
    Unchecked.run(socket::close);
  }
}
