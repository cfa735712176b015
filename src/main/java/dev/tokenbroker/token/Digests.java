package dev.tokenbroker.token;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, for telling contents apart without keeping them. */
final class Digests {

  private static final int PREFIX_BYTES = 8;

  private Digests() {}

  static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java runtime has no SHA-256", e);
    }
  }

  /** {@code sha256:} and the first 16 hexadecimal digits. */
  static String prefix(byte[] content) {
    return "sha256:" + HexFormat.of().formatHex(sha256(content), 0, PREFIX_BYTES);
  }
}
