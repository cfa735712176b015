package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.files.BoundedFile;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The nonces that proofs must contain if the settings require it (RFC 9449 section 8). Each is a
 * MAC over the number of its period, so that nothing is stored and every replica with the secret
 * accepts it. It is accepted in its own period, the next, and the one before, since clocks of
 * replicas differ. Safe for use by several threads; never waits.
 */
@Singleton
public final class Nonces {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int SECRET_BYTES = 32;
  private static final int MAX_SECRET_BYTES = 4096;
  private static final int NONCE_BYTES = 16;

  private final boolean required;
  private final Duration period;
  private final InstantSource clock;
  private final SecretKeySpec secret;
  private volatile Slot last;

  /**
   * @throws IllegalArgumentException where the secret file cannot be used
   */
  public Nonces(DpopSettings settings, InstantSource clock) {
    this.required = settings.nonceRequired();
    this.period = settings.noncePeriod();
    this.clock = clock;
    this.secret = new SecretKeySpec(secret(settings), ALGORITHM);
    this.last = slot(number());
  }

  /** A period and its nonce. */
  private record Slot(long number, String nonce) {}

  /** Whether a proof must contain a nonce. */
  public boolean required() {
    return required;
  }

  /** The nonce to issue now. */
  public String current() {
    long number = number();
    Slot known = last;
    if (known.number() == number) {
      return known.nonce();
    }
    Slot next = slot(number);
    last = next;
    return next.nonce();
  }

  /** Whether this is a nonce of the broker that is not too old. */
  boolean takes(String nonce) {
    byte[] given = nonce.getBytes(StandardCharsets.UTF_8);
    long number = number();
    return LongStream.rangeClosed(number - 1, number + 1)
        .mapToObj(this::slot)
        .anyMatch(
            slot -> MessageDigest.isEqual(slot.nonce().getBytes(StandardCharsets.UTF_8), given));
  }

  /** The problem with the secret file, in words that reveal nothing of it; empty where none. */
  static Optional<String> problem(DpopSettings settings) {
    try {
      byte[] unused = secret(settings);
      Arrays.fill(unused, (byte) 0);
      return Optional.empty();
    } catch (IllegalArgumentException unusable) {
      return Optional.of(String.valueOf(unusable.getMessage()));
    }
  }

  private static byte[] secret(DpopSettings settings) {
    return settings
        .nonceSecretFile()
        .map(Nonces::read)
        .orElseGet(
            () -> {
              byte[] chance = new byte[SECRET_BYTES];
              new SecureRandom().nextBytes(chance);
              return chance;
            });
  }

  private static byte[] read(Path file) {
    byte[] secret;
    try {
      secret = BoundedFile.read(file, MAX_SECRET_BYTES);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "names a file that cannot be read: " + BoundedFile.why(unreadable), unreadable);
    }
    if (secret.length < SECRET_BYTES) {
      throw new IllegalArgumentException("names a file of less than " + SECRET_BYTES + " bytes");
    }
    return secret;
  }

  private long number() {
    return Math.floorDiv(clock.millis(), period.toMillis());
  }

  private Slot slot(long number) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      mac.update("token-broker dpop nonce".getBytes(StandardCharsets.US_ASCII));
      byte[] tag = mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
      return new Slot(
          number,
          Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(tag, NONCE_BYTES)));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("This Java runtime lacks " + ALGORITHM, missing);
    }
  }
}
