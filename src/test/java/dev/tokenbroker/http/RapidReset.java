package dev.tokenbroker.http;

import java.io.ByteArrayOutputStream;

/** What a client sends that opens streams and resets them. */
final class RapidReset {

  private RapidReset() {}

  /** The preface and that many streams, each opened and reset at once. */
  static byte[] streams(int count) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(Http2Frames.preface(Http2Frames.FIRST_WINDOW));
    for (int at = 0; at < count; at++) {
      int stream = 2 * at + 1;
      bytes.writeBytes(Http2Frames.post(stream, "/token", "application/x-www-form-urlencoded"));
      bytes.writeBytes(Http2Frames.reset(stream));
    }
    return bytes.toByteArray();
  }
}
