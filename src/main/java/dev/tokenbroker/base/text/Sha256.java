package dev.tokenbroker.base.text;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Computes SHA-256 digests. Safe for use by several threads. */
public final class Sha256 {

  private static volatile @Nullable MessageDigest unfed;

  private Sha256() {}

  /** A new digest, for input in several parts. */
  public static MessageDigest begin() {
    MessageDigest known = unfed;
    if (known == null) {
      known = lookedUp();
      unfed = known;
    }
    // A clone, since a lookup takes as long as the digest of a credential. The prototype is not a
    // constant, since the build would store a constant in the native executable.
    try {
      return (MessageDigest) known.clone();
    } catch (CloneNotSupportedException elsewhere) { // some providers cannot clone
      return lookedUp();
    }
  }

  /** The digest of the content. */
  public static byte[] of(byte[] content) {
    return begin().digest(content);
  }

  /** The digest in hexadecimal. */
  public static String hex(byte[] content) {
    return HexFormat.of().formatHex(of(content));
  }

  /** {@code sha256:} and 16 hexadecimal digits, to name content that must not be shown. */
  public static String name(byte[] content) {
    return "sha256:" + hex(content).substring(0, 16);
  }

  /** The digest in base64url without padding, the form of thumbprints (RFC 7638, RFC 8705). */
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
