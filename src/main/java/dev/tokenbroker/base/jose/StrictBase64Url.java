package dev.tokenbroker.base.jose;

import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * Decodes base64url exactly as RFC 7515 section 2 defines it. It refuses padding, white space,
 * other alphabets, and bits that are set beyond the last byte.
 *
 * <p>So every byte string has exactly one spelling, and nobody can respell a signature. The decoder
 * of the JDK accepts several spellings of the last group; this one accepts only what the encoder of
 * the JDK writes.
 */
public final class StrictBase64Url {

  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private StrictBase64Url() {}

  /** The bytes of {@code text} between two positions; empty if it is not base64url. */
  public static Optional<byte[]> decode(String text, int from, int to) {
    String part = text.substring(from, to);
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(part);
      return isSpelling(part, bytes) ? Optional.of(bytes) : Optional.empty();
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /** Whether the encoder would write it. Four characters and their three bytes are one to one. */
  private static boolean isSpelling(String part, byte[] bytes) {
    byte[] rest = Arrays.copyOfRange(bytes, bytes.length / 3 * 3, bytes.length);
    return bytes.length == part.length() * 3L / 4 && part.endsWith(ENCODER.encodeToString(rest));
  }
}
