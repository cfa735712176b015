package dev.tokenbroker.jose;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** SHA-256, for telling contents apart without keeping them. Safe for use by several threads. */
public final class Sha256 {

  private static volatile @Nullable MessageDigest unfed;

  private Sha256() {}

  /** A digest to feed piece by piece. */
  public static MessageDigest begin() {
    MessageDigest known = unfed;
    if (known == null) {
      known = lookedUp();
      unfed = known;
    }
    // A copy: having the algorithm looked up takes as long as digesting a credential. What is
    // copied is no constant, which would be part of a native executable.
    try {
      return (MessageDigest) known.clone();
    } catch (CloneNotSupportedException elsewhere) { // it may be computed by another device
      return lookedUp();
    }
  }

  /** The digest of all that. */
  public static byte[] of(byte[] content) {
    return begin().digest(content);
  }

  /** The same in hexadecimal. */
  public static String hex(byte[] content) {
    return HexFormat.of().formatHex(of(content));
  }

  /** The same in base64url without padding, as thumbprints are written (RFC 7638, RFC 8705). */
  public static String base64Url(byte[] content) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(of(content));
  }

  private static MessageDigest lookedUp() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("This Java runtime has no SHA-256", missing);
    }
  }
}
