package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key of the store. It turns names into HMACs, so that nobody learns a name from the store. It
 * authenticates values and hides their content, so that nobody adds or reads one with the password
 * of the store alone. Immutable.
 */
final class StoreKey {

  /*
   * The MAC of a value also is the initial vector of its encryption, as in SIV (RFC 5297). So the
   * same content under the same name with the same time is the same value, which a log relies on.
   * Other contents have other initial vectors: no key stream is used twice.
   */

  static final int MIN_BYTES = 32;
  static final int MAX_BYTES = 4096;

  private static final String ALGORITHM = "HmacSHA256";
  private static final String CIPHER = "AES/CTR/NoPadding";
  private static final int MAC_BYTES = 32;
  private static final int VECTOR_BYTES = 16;

  /** The longest content of a value, in bytes. */
  static final int MAX_CONTENT_BYTES = 65_536;

  /** The length of the longest value. */
  static final int MAX_VALUE_CHARACTERS = (Long.BYTES + MAX_CONTENT_BYTES + MAC_BYTES) / 3 * 4 + 4;

  private final SecretKeySpec secret;
  private final SecretKeySpec contentKey;

  /**
   * @param secret {@value #MIN_BYTES} bytes at least
   */
  StoreKey(byte[] secret) {
    if (secret.length < MIN_BYTES) {
      throw new IllegalArgumentException("a key of fewer than " + MIN_BYTES + " bytes");
    }
    this.secret = new SecretKeySpec(secret, ALGORITHM);
    this.contentKey = new SecretKeySpec(mac("token-broker store content", "", new byte[0]), "AES");
  }

  /** Whether the other one is the same key. */
  boolean isSame(StoreKey other) {
    return MessageDigest.isEqual(secret.getEncoded(), other.secret.getEncoded());
  }

  /** A value that this key has authenticated. */
  @SuppressWarnings("ArrayRecordComponent") // it never leaves this package
  record Opened(Instant written, byte[] content) {}

  /**
   * The name in the store.
   *
   * <p>The part in braces is the hash tag of Redis Cluster. It depends on prefix and label only, so
   * that the names by several keys are in one slot and one script can claim them together.
   *
   * @param label the kind of the name
   */
  String name(String prefix, String label, String id) {
    return "{%s:%s}:".formatted(prefix, label)
        + text(mac("token-broker store name", label, id.getBytes(StandardCharsets.UTF_8)));
  }

  /** The value to write under that name. */
  StoredValue seal(String name, Instant now, byte[] content) {
    byte[] time = ByteBuffer.allocate(Long.BYTES).putLong(now.toEpochMilli()).array();
    byte[] tag = tag(name, time, content);
    byte[] hidden = crypt(content, tag);
    return new StoredValue(
        name,
        text(
            ByteBuffer.allocate(Long.BYTES + hidden.length + MAC_BYTES)
                .put(time)
                .put(hidden)
                .put(tag)
                .array()));
  }

  /** Reads a value; empty unless this key has authenticated it for that name. */
  Optional<Opened> open(StoredValue stored) {
    byte[] bytes;
    try {
      if (stored.value().length() > MAX_VALUE_CHARACTERS) {
        return Optional.empty();
      }
      bytes = Base64.getUrlDecoder().decode(stored.value());
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
    if (bytes.length < Long.BYTES + MAC_BYTES) {
      return Optional.empty();
    }
    byte[] time = Arrays.copyOf(bytes, Long.BYTES);
    byte[] tag = Arrays.copyOfRange(bytes, bytes.length - MAC_BYTES, bytes.length);
    byte[] content = crypt(Arrays.copyOfRange(bytes, Long.BYTES, bytes.length - MAC_BYTES), tag);
    return MessageDigest.isEqual(tag, tag(stored.name(), time, content))
        ? Optional.of(new Opened(Instant.ofEpochMilli(ByteBuffer.wrap(time).getLong()), content))
        : Optional.empty();
  }

  private byte[] tag(String name, byte[] time, byte[] content) {
    return mac(
        "token-broker store value",
        name,
        ByteBuffer.allocate(time.length + content.length).put(time).put(content).array());
  }

  /** Encrypts or decrypts content; both are the same in counter mode. */
  private byte[] crypt(byte[] content, byte[] tag) {
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.ENCRYPT_MODE, contentKey, new IvParameterSpec(tag, 0, VECTOR_BYTES));
      return cipher.doFinal(content);
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("This Java runtime lacks " + CIPHER, missing);
    }
  }

  /** A zero byte ends each text, so that no two inputs are the same bytes. */
  private byte[] mac(String purpose, String context, byte[] content) {
    return hmac(
        secret, (purpose + "\0" + context + "\0").getBytes(StandardCharsets.UTF_8), content);
  }

  private static byte[] hmac(SecretKeySpec key, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("This Java runtime lacks " + ALGORITHM, missing);
    }
  }

  private static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
