package dev.tokenbroker.edges.grpc;

import java.net.URI;

/** A client that asks for much and reads none of it, so that nothing more can be written to it. */
public final class DeafPeer implements AutoCloseable {

  private static final int SMALLEST_BUFFER = 4_096;

  private final Http2Connection connection;
  private int lastStream = -1;

  /** One whose windows are as large as can be. */
  public DeafPeer(URI broker) {
    this.connection = new Http2Connection(broker, SMALLEST_BUFFER);
    send(Http2Frames.preface(Http2Frames.LARGEST_WINDOW));
    send(Http2Frames.moreWindow(Http2Frames.LARGEST_WINDOW - Http2Frames.FIRST_WINDOW));
  }

  /** Begins a call, and sends that much of it. */
  public void begin(String method, byte[] part) {
    lastStream += 2;
    send(Http2Frames.post(lastStream, "/" + method, "application/grpc"));
    send(Http2Frames.data(lastStream, part));
  }

  private void send(byte[] frames) {
    connection.send(frames);
  }

  @Override
  public void close() {
    connection.close();
  }
}
