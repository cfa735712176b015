package dev.tokenbroker.jose;

import java.util.Arrays;
import java.util.Optional;

/**
 * Decodes base64url exactly as RFC 7515 section 2 defines it. It refuses padding, white space,
 * other alphabets, and bits that are set beyond the last byte.
 *
 * <p>So every byte string has exactly one spelling, and nobody can respell a signature. The decoder
 * of the JDK accepts several spellings.
 */
public final class StrictBase64Url {

  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private static final byte[] VALUES = values();

  private StrictBase64Url() {}

  /** The bytes of {@code text} between two positions; empty if it is not base64url. */
  public static Optional<byte[]> decode(String text, int from, int to) {
    int rest = (to - from) & 3;
    if (rest == 1) {
      return Optional.empty();
    }
    byte[] bytes = new byte[(to - from) / 4 * 3 + Math.max(0, rest - 1)];
    int wholeEnd = to - rest;
    int into = 0;
    for (int at = from; at < wholeEnd; at += 4) {
      // The value of a character outside the alphabet is -1; shift and or keep the sign.
      int bits =
          value(text, at) << 18
              | value(text, at + 1) << 12
              | value(text, at + 2) << 6
              | value(text, at + 3);
      if (bits < 0) {
        return Optional.empty();
      }
      bytes[into++] = (byte) (bits >> 16);
      bytes[into++] = (byte) (bits >> 8);
      bytes[into++] = (byte) bits;
    }
    return decodeRest(text, wholeEnd, rest, bytes, into) ? Optional.of(bytes) : Optional.empty();
  }

  private static boolean decodeRest(String text, int at, int rest, byte[] bytes, int into) {
    if (rest == 0) {
      return true;
    }
    int bits = value(text, at) << 12 | value(text, at + 1) << 6;
    if (rest == 3) {
      bits |= value(text, at + 2);
      bytes[into + 1] = (byte) (bits >> 2);
    }
    bytes[into] = (byte) (bits >> 10);
    int unused = rest == 3 ? 0b11 : 0b11_1111_1111;
    return bits >= 0 && (bits & unused) == 0;
  }

  private static int value(String text, int at) {
    char c = text.charAt(at);
    return c < VALUES.length ? VALUES[c] : -1;
  }

  private static byte[] values() {
    byte[] values = new byte[128];
    Arrays.fill(values, (byte) -1);
    for (int value = 0; value < ALPHABET.length(); value++) {
      values[ALPHABET.charAt(value)] = (byte) value;
    }
    return values;
  }
}
