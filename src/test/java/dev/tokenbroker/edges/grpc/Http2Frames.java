package dev.tokenbroker.edges.grpc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What a client sends over HTTP/2, frame by frame (RFC 9113 section 4.1), in whatever order no
 * well-behaved client would, and what it is sent. Heads are in the indices of RFC 7541 appendix A.
 */
public final class Http2Frames {

  public static final int LARGEST_WINDOW = Integer.MAX_VALUE;

  /** The window of a connection, and of each stream where the preface says nothing else. */
  public static final int FIRST_WINDOW = 65_535;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  public static final int DATA = 0x0;
  public static final int HEADERS = 0x1;
  public static final int RST_STREAM = 0x3;
  public static final int SETTINGS = 0x4;

  /** The setting of how many streams the other side may have open at once. */
  public static final int MAX_CONCURRENT_STREAMS = 0x3;

  /** The flag of the last frame of a stream. */
  public static final int END_STREAM = 0x1;

  private static final int WINDOW_UPDATE = 0x8;
  private static final int END_HEADERS = 0x4;
  private static final int INITIAL_WINDOW_SIZE = 0x4;
  private static final int CANCEL = 0x8;

  private static final int POST = 0x83;

  private static final int PATH = 0x04;
  private static final int AUTHORITY = 0x01;

  /** A header whose name is spelt out. */
  private static final int NEW_NAME = 0x00;

  private Http2Frames() {}

  /** One frame, without its length; its payload with a character for each byte. */
  public record Frame(int type, int flags, int stream, String payload) {

    static final int HEAD_BYTES = 9;

    /** How long the payload is of a frame that begins so. */
    static int length(byte[] head) {
      return ByteBuffer.wrap(head).getInt() >>> 8;
    }

    static Frame of(byte[] head, byte[] payload) {
      ByteBuffer bytes = ByteBuffer.wrap(head);
      return new Frame(
          bytes.get(3),
          bytes.get(4),
          bytes.getInt(5),
          new String(payload, StandardCharsets.ISO_8859_1));
    }

    /** What each setting is that a frame of settings names (RFC 9113 section 6.5.1). */
    public Map<Integer, Integer> settings() {
      ByteBuffer bytes = ByteBuffer.wrap(payload.getBytes(StandardCharsets.ISO_8859_1));
      Map<Integer, Integer> settings = new HashMap<>();
      while (bytes.hasRemaining()) {
        settings.put((int) bytes.getShort(), bytes.getInt());
      }
      return settings;
    }
  }

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

  /** The head of a request that has a body. */
  public static byte[] post(int stream, String path, String contentType) {
    return post(stream, path, contentType, Map.of());
  }

  /** The same with further headers. */
  public static byte[] post(
      int stream, String path, String contentType, Map<String, String> headers) {
    ByteArrayOutputStream head = head(path);
    contentType(head, contentType);
    headers.forEach(
        (name, value) -> {
          head.write(NEW_NAME);
          text(head, name);
          text(head, value);
        });
    return frame(HEADERS, END_HEADERS, stream, head.toByteArray());
  }

  /** Some of a body that has more. */
  public static byte[] data(int stream, byte[] part) {
    return frame(DATA, 0, stream, part);
  }

  /** The rest of a body. */
  public static byte[] lastData(int stream, byte[] part) {
    return frame(DATA, END_STREAM, stream, part);
  }

  /** Takes a request back. */
  public static byte[] reset(int stream) {
    return frame(RST_STREAM, 0, stream, number(CANCEL));
  }

  private static ByteArrayOutputStream head(String path) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(POST);
    head.write(0x86); // :scheme http
    literal(head, PATH, path);
    literal(head, AUTHORITY, "localhost");
    return head;
  }

  private static void contentType(ByteArrayOutputStream head, String type) {
    head.write(0x0F);
    literal(head, 0x10, type);
  }

  private static void literal(ByteArrayOutputStream head, int name, String text) {
    head.write(name);
    text(head, text);
  }

  private static void text(ByteArrayOutputStream head, String text) {
    length(head, text.length());
    head.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** An integer with a prefix of 7 bits (RFC 7541 section 5.1). */
  private static void length(ByteArrayOutputStream head, int length) {
    if (length < 0x7F) {
      head.write(length);
      return;
    }
    head.write(0x7F);
    int rest = length - 0x7F;
    for (; rest >= 0x80; rest >>= 7) {
      head.write(0x80 | (rest & 0x7F));
    }
    head.write(rest);
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
