package dev.tokenbroker.peers.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Encryption of one value by AES-256-GCM (NIST SP 800-38D). A sealed content is a random nonce, the
 * ciphertext and its tag. The name of the value and its time of writing are associated data.
 */
final class SealedContent {

  /** How much longer a sealed content is than the content. */
  static final int OVERHEAD_BYTES = 12 + 16;

  private static final String TRANSFORMATION = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  // No constant, since a native executable must not be built with the state of a generator.
  private final SecureRandom random = new SecureRandom();

  byte[] seal(SecretKey key, String name, Instant written, byte[] content) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, key, nonce, name, written).doFinal(content);
      return ByteBuffer.allocate(NONCE_BYTES + encrypted.length).put(nonce).put(encrypted).array();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("This Java runtime lacks " + TRANSFORMATION, missing);
    }
  }

  /** The content; empty unless the same key sealed it for that name and time. */
  static Optional<byte[]> open(SecretKey key, String name, Instant written, byte[] sealed) {
    if (sealed.length < OVERHEAD_BYTES) {
      return Optional.empty();
    }
    byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
    try {
      return Optional.of(
          cipher(Cipher.DECRYPT_MODE, key, nonce, name, written)
              .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    } catch (AEADBadTagException foreign) {
      return Optional.empty();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("This Java runtime lacks " + TRANSFORMATION, missing);
    }
  }

  private static Cipher cipher(int mode, SecretKey key, byte[] nonce, String name, Instant written)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(TRANSFORMATION);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(ByteBuffer.allocate(Long.BYTES).putLong(written.toEpochMilli()).array());
    cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
