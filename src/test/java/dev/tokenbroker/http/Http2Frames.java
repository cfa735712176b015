package dev.tokenbroker.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a client sends over HTTP/2, frame by frame (RFC 9113 section 4.1), in whatever order no
 * well-behaved client would. Heads are in the indices of RFC 7541 appendix A, texts in them are
 * shorter than 127 characters.
 */
public final class Http2Frames {

  public static final int LARGEST_WINDOW = Integer.MAX_VALUE;

  /** The window of a connection, and of each stream where the preface says nothing else. */
  public static final int FIRST_WINDOW = 65_535;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private static final int DATA = 0x0;
  private static final int HEADERS = 0x1;
  private static final int RST_STREAM = 0x3;
  private static final int SETTINGS = 0x4;
  private static final int PING = 0x6;
  private static final int WINDOW_UPDATE = 0x8;

  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int INITIAL_WINDOW_SIZE = 0x4;
  private static final int CANCEL = 0x8;

  private static final int GET = 0x82;
  private static final int POST = 0x83;

  private Http2Frames() {}

  /** What begins a connection, with the window of each of its streams. */
  public static byte[] preface(int window) {
    byte[] settings =
        ByteBuffer.allocate(6).putShort((short) INITIAL_WINDOW_SIZE).putInt(window).array();
    ByteArrayOutputStream preface = new ByteArrayOutputStream();
    preface.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
    preface.writeBytes(frame(SETTINGS, 0, 0, settings));
    return preface.toByteArray();
  }

  /** Makes the window of the connection larger. */
  public static byte[] moreWindow(int bytes) {
    return frame(WINDOW_UPDATE, 0, 0, number(bytes));
  }

  /** A whole request. */
  public static byte[] get(int stream, String path) {
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, head(GET, path).toByteArray());
  }

  /** The head of a request that has a body. */
  public static byte[] post(int stream, String path, String contentType) {
    ByteArrayOutputStream head = head(POST, path);
    head.write(0x0F); // content-type, literal
    head.write(0x10);
    text(head, contentType);
    return frame(HEADERS, END_HEADERS, stream, head.toByteArray());
  }

  /** Some of a body that has more. */
  public static byte[] data(int stream, byte[] part) {
    return frame(DATA, 0, stream, part);
  }

  /** Takes a request back. */
  public static byte[] reset(int stream) {
    return frame(RST_STREAM, 0, stream, number(CANCEL));
  }

  public static byte[] ping() {
    return frame(PING, 0, 0, new byte[8]);
  }

  private static ByteArrayOutputStream head(int method, String path) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(method);
    head.write(0x86); // :scheme http
    head.write(0x04); // :path, literal
    text(head, path);
    head.write(0x01); // :authority, literal
    text(head, "localhost");
    return head;
  }

  private static void text(ByteArrayOutputStream head, String text) {
    head.write(text.length());
    head.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
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
}
