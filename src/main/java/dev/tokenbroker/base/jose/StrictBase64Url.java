package dev.tokenbroker.base.jose;

import java.util.Base64;
import java.util.Optional;

/**
 * Decodes base64url exactly as RFC 7515 section 2 defines it. It refuses padding, white space,
 * other alphabets, and bits that are set beyond the last byte.
 *
 * <p>So every byte string has exactly one spelling, and nobody can respell a signature. The decoder
 * of the JDK accepts several spellings; this one accepts only what its encoder writes.
 */
public final class StrictBase64Url {

  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private StrictBase64Url() {}

  /** The bytes of {@code text} between two positions; empty if it is not base64url. */
  public static Optional<byte[]> decode(String text, int from, int to) {
    String part = text.substring(from, to);
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(part);
      return ENCODER.encodeToString(bytes).equals(part) ? Optional.of(bytes) : Optional.empty();
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }
}
