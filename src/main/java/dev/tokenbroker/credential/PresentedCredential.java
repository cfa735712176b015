package dev.tokenbroker.credential;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A credential as the caller presents it: nothing about it has been checked.
 *
 * @param tokenType the URN of RFC 8693 section 3 that says what it is
 * @param value the credential itself; never logged, which {@link #toString()} sees to
 */
public record PresentedCredential(String tokenType, String value) {

  private static final int DIGEST_PREFIX_BYTES = 8;

  /**
   * The first 16 hexadecimal digits of its SHA-256: enough to find the same credential again in the
   * audit log, useless for presenting it.
   */
  public String digestPrefix() {
    byte[] digest = sha256().digest(value.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, DIGEST_PREFIX_BYTES);
  }

  @Override
  public String toString() {
    return "PresentedCredential[tokenType=" + tokenType + "]";
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
