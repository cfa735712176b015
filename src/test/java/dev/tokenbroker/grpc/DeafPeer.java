package dev.tokenbroker.grpc;

import java.io.ByteArrayOutputStream;
import java.net.URI;

/** A client that asks for much and reads none of it, so that nothing more can be written to it. */
public final class DeafPeer implements AutoCloseable {

  private static final int SMALLEST_BUFFER = 4_096;

  private final Http2Connection connection;
  private int lastStream = -1;

  /** One whose windows are as large as can be. */
  public DeafPeer(URI broker) {
    this(broker, Http2Frames.LARGEST_WINDOW);
    send(Http2Frames.moreWindow(Http2Frames.LARGEST_WINDOW - Http2Frames.FIRST_WINDOW));
  }

  private DeafPeer(URI broker, int window) {
    this(connect(broker));
    send(Http2Frames.preface(window));
  }

  private DeafPeer(Http2Connection connection) {
    this.connection = connection;
  }

  /** One that lets nothing be sent on its streams. */
  public static DeafPeer withoutWindows(URI broker) {
    return new DeafPeer(broker, 0);
  }

  /** One that opens no more than the windows that there are at first. */
  public static DeafPeer withFirstWindows(URI broker) {
    return new DeafPeer(broker, Http2Frames.FIRST_WINDOW);
  }

  private static Http2Connection connect(URI broker) {
    return new Http2Connection(broker, SMALLEST_BUFFER);
  }

  /** Asks for that. */
  public void get(String path) {
    lastStream += 2;
    send(Http2Frames.get(lastStream, path));
  }

  /** Asks for that by so many bytes of headers, and so many times. */
  public void get(String path, int headerBytes, int times) {
    for (int at = 0; at < times; at++) {
      lastStream += 2;
      send(Http2Frames.get(lastStream, path, headerBytes));
    }
  }

  /** Asks for that so many times. */
  public void get(String path, int times) {
    ByteArrayOutputStream requests = new ByteArrayOutputStream();
    for (int at = 0; at < times; at++) {
      lastStream += 2;
      requests.writeBytes(Http2Frames.get(lastStream, path));
    }
    send(requests.toByteArray());
  }

  /** Whether what it does leads to its being lost: it is done so many times at most. */
  public boolean isLostBy(Runnable asking, int times) {
    for (int at = 0; at < times && !connection.isLost(); at++) {
      asking.run();
    }
    return connection.isLost();
  }

  /** Takes back what it asked for last. */
  public void reset() {
    send(Http2Frames.reset(lastStream));
  }

  /** Shows that it is there. */
  public void ping() {
    send(Http2Frames.ping());
  }

  /** Begins a call, and sends that much of it. */
  public void begin(String method, byte[] part) {
    lastStream += 2;
    send(Http2Frames.post(lastStream, "/" + method, "application/grpc"));
    send(Http2Frames.data(lastStream, part));
  }

  /** Reads and forgets until the other side closes. */
  public void untilClosed() {
    connection.untilClosed();
  }

  private void send(byte[] frames) {
    connection.send(frames);
  }

  @Override
  public void close() {
    connection.close();
  }
}
