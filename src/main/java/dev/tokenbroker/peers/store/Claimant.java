package dev.tokenbroker.peers.store;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * This process as the maker of claims, and the content of a claim: the process, the number of the
 * claim, and whether it is confirmed. By its number, giving a claim back does not delete a later
 * one of the same name. Safe for use by any number of threads.
 */
final class Claimant {

  private static final int PROCESS_BYTES = 16;
  private static final int BYTES = PROCESS_BYTES + Long.BYTES + 1;

  private final byte[] process = new byte[PROCESS_BYTES];
  private final AtomicLong claims = new AtomicLong();

  Claimant() {
    new SecureRandom().nextBytes(process);
  }

  /** The content of the next claim, which is not confirmed. */
  byte[] next() {
    return ByteBuffer.allocate(BYTES).put(process).putLong(claims.incrementAndGet()).array();
  }

  /** Whether this is the content of a claim, of whatever process. */
  static boolean isClaim(byte[] content) {
    return content.length == BYTES;
  }

  /** The same claim, confirmed. */
  static byte[] confirmed(byte[] claim) {
    byte[] confirmed = claim.clone();
    confirmed[BYTES - 1] = 1;
    return confirmed;
  }

  static boolean isConfirmed(byte[] claim) {
    return claim[BYTES - 1] == 1;
  }

  /** Whether this process made the claim with that content. */
  boolean made(byte[] claim) {
    return Arrays.equals(process, 0, PROCESS_BYTES, claim, 0, PROCESS_BYTES);
  }
}
