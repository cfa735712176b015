package dev.tokenbroker.grpc;

import dev.tokenbroker.http.Http2Frames;
import dev.tokenbroker.http.RawConnection;
import java.io.ByteArrayOutputStream;
import java.net.URI;

/** A client that asks for much and reads none of it, so that nothing more can be written to it. */
public final class DeafPeer implements AutoCloseable {

  private static final int SMALLEST_BUFFER = 4_096;

  private final RawConnection connection;
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

  private DeafPeer(RawConnection connection) {
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

  /** One of HTTP/1.1, that can {@link #pipeline} and no more. */
  public static DeafPeer overHttp1(URI broker) {
    return new DeafPeer(connect(broker));
  }

  private static RawConnection connect(URI broker) {
    return new RawConnection(broker, SMALLEST_BUFFER);
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

  /** Asks for that so many times, over HTTP/1.1. */
  public void pipeline(String path, int times) {
    String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    connection.send(request.repeat(times));
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

  /** Does so without ever being idle. */
  public void pingUntilClosed() {
    connection.untilClosed(this::ping);
  }

  private void send(byte[] frames) {
    connection.send(frames);
  }

  @Override
  public void close() {
    connection.close();
  }
}
