package dev.tokenbroker.edges.http.guard;

import dev.tokenbroker.process.runtime.Unchecked;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A connection on which any bytes can be sent, as no well-behaved client would. */
public final class RawConnection implements AutoCloseable {

  /** What is read where the other side closes without an answer. */
  static final int CLOSED = 0;

  private static final int PATIENCE_MILLIS = 30_000;

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");

  private final Socket socket = new Socket();
  private boolean ended;
  private boolean lost;

  public RawConnection(URI broker) {
    connect(broker);
  }

  /** One whose system holds hardly more than so many bytes that are not read yet. */
  public RawConnection(URI broker, int receiveBufferBytes) {
    Unchecked.run(() -> socket.setReceiveBufferSize(receiveBufferBytes));
    connect(broker);
  }

  private void connect(URI broker) {
    try {
      socket.connect(new InetSocketAddress(broker.getHost(), broker.getPort()), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RawConnection send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends as much as the other side takes; where it has closed, the answer may still be there. */
  public RawConnection send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
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

  /** The status of the next answer that is not 100; {@link #CLOSED} where there is none. */
  public int status() {
    String line = line();
    while (line.startsWith("HTTP/1.1 100") || (line.isEmpty() && !ended)) {
      line = line();
    }
    return line.startsWith("HTTP/1.") ? Integer.parseInt(line.substring(9, 12)) : CLOSED;
  }

  /** The statuses of all answers until the other side closes. */
  public List<Integer> statuses() {
    // A body need not end with a line break, so a status line may stand anywhere.
    return STATUS.matcher(rest()).results().map(line -> Integer.valueOf(line.group(1))).toList();
  }

  /** The next line of an answer. */
  public String firstLine() {
    return line();
  }

  /** All that comes until the other side closes. */
  public String rest() {
    StringBuilder rest = new StringBuilder();
    while (!ended) {
      rest.append(line()).append('\n');
    }
    return rest.toString();
  }

  /** Reads and forgets until the other side closes. */
  public void untilClosed() {
    untilClosed(() -> {});
  }

  /** Does so, and that before each time it reads. */
  public void untilClosed(Runnable beforeEach) {
    byte[] forgotten = new byte[1 << 16];
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    try {
      while (!ended) {
        if (System.nanoTime() - end > 0) {
          throw new AssertionError("not closed");
        }
        beforeEach.run();
        ended = socket.getInputStream().read(forgotten) < 0;
      }
    } catch (SocketTimeoutException silent) {
      throw new AssertionError("not closed", silent);
    } catch (SocketException reset) {
      ended = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String line() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int next = read(); next >= 0 && next != '\n'; next = read()) {
        if (next != '\r') {
          line.write(next);
        }
      }
    } catch (SocketTimeoutException silent) {
      throw new AssertionError("neither answered nor closed", silent);
    } catch (SocketException reset) {
      ended = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private int read() throws IOException {
    int next = socket.getInputStream().read();
    ended |= next < 0;
    return next;
  }

  @Override
  public void close() {
    Unchecked.run(socket::close);
  }
}
