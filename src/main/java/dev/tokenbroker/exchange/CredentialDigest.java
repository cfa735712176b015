package dev.tokenbroker.exchange;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells credentials apart in records without holding one. */
final class CredentialDigest {

  private static final int PREFIX_BYTES = 8;

  private CredentialDigest() {}

  /**
   * The first 16 hexadecimal digits of the SHA-256 of a credential's characters; empty for an empty
   * one.
   */
  static String prefix(String credential) {
    if (credential.isEmpty()) {
      return "";
    }
    byte[] digest = sha256().digest(credential.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, PREFIX_BYTES);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }
}
