package dev.tokenbroker.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames of HTTP/2 (RFC 9113 section 4.1) of a client that opens streams and resets them. */
final class RapidReset {

  private static final int HEADERS = 0x1;
  private static final int RST_STREAM = 0x3;
  private static final int SETTINGS = 0x4;
  private static final int END_HEADERS = 0x4;
  private static final int CANCEL = 0x8;

  private RapidReset() {}

  /** The preface and that many streams, each opened and reset at once. */
  static byte[] streams(int count) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    bytes.writeBytes(frame(SETTINGS, 0, 0, new byte[0]));
    for (int at = 0; at < count; at++) {
      int stream = 2 * at + 1;
      bytes.writeBytes(frame(HEADERS, END_HEADERS, stream, post()));
      bytes.writeBytes(frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(CANCEL).array()));
    }
    return bytes.toByteArray();
  }

  /** {@code POST /token} with a form, in the indices of RFC 7541 appendix A. */
  private static byte[] post() {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(0x83); // :method POST
    block.write(0x86); // :scheme http
    block.write(0x04); // :path, literal
    text(block, "/token");
    block.write(0x01); // :authority, literal
    text(block, "localhost");
    block.write(0x0F); // content-type, literal
    block.write(0x10);
    text(block, "application/x-www-form-urlencoded");
    return block.toByteArray();
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
}
