package dev.tokenbroker.edges.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tokenbroker.edges.grpc.Http2Frames;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Locale;

/** A connection of a stranger: HTTP/1.1 to the token endpoint, or HTTP/2 to the gRPC port. */
final class FloodConnection implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;
  private static final int FRAME_HEAD_BYTES = 9;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final FloodRequests requests;
  private final boolean grpc;
  private int stream = -1;

  FloodConnection(InetSocketAddress server, FloodRequests requests, boolean grpc)
      throws IOException {
    this.requests = requests;
    this.grpc = grpc;
    try {
      socket.connect(server, PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
      // Thousands of closed connections would hold their ports for a minute.
      socket.setSoLinger(true, 0);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException failed) {
      socket.close();
      throw failed;
    }
  }

  /** Sends one request and reads the whole answer; returns whether it was given a token. */
  boolean exchange() throws IOException {
    if (!grpc) {
      socket.getOutputStream().write(requests.http());
      return httpAnswer();
    }
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    if (stream < 0) {
      sent.writeBytes(Http2Frames.preface(Http2Frames.FIRST_WINDOW));
    }
    stream += 2;
    sent.writeBytes(requests.grpc(stream));
    socket.getOutputStream().write(sent.toByteArray());
    return grpcAnswer();
  }

  private boolean httpAnswer() throws IOException {
    String status = line();
    int length = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(header.indexOf(':') + 1).strip());
      }
    }
    in.skipNBytes(length);
    return status.contains(" 200 ");
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      line.write(next);
    }
    return line.toString(US_ASCII).strip();
  }

  /** Only a token comes in a frame of data: a refusal is a head alone. */
  private boolean grpcAnswer() throws IOException {
    boolean token = false;
    while (true) {
      byte[] bytes = in.readNBytes(FRAME_HEAD_BYTES);
      if (bytes.length < FRAME_HEAD_BYTES) {
        throw new EOFException();
      }
      ByteBuffer head = ByteBuffer.wrap(bytes);
      in.skipNBytes(head.getInt(0) >>> 8);
      int type = head.get(3);
      if (head.getInt(5) == stream) {
        token |= type == Http2Frames.DATA;
        boolean last = (head.get(4) & Http2Frames.END_STREAM) != 0;
        if (type == Http2Frames.RST_STREAM || last) {
          return token;
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
