package dev.tokenbroker.issuer;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, for telling contents apart without keeping them. */
final class Digests {

  private Digests() {}

  static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }
}
