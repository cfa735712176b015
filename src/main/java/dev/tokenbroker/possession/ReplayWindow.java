package dev.tokenbroker.possession;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The proofs that were taken and could be taken again (RFC 9449 section 11.1): each is remembered
 * until it has become too old. Bounded; when full, nothing more is taken. Safe for use by any
 * number of threads; never waits.
 */
final class ReplayWindow {

  /*
   * The idea. A proof is known by 128 bits of the digest over its key and its jti, and is remembered for as long as any
   * proof can be taken: from as far ahead of our clock as the leeway allows, to max-age behind. All are thus remembered for the
   * same time, so that the oldest is always at the head of a queue, and whoever adds one takes off two that are over: the
   * queue drains faster than it fills, without a thread of its own and without a pause.
   *
   * The key belongs to it, so that nobody can use up the jti of somebody else; what was signed besides does not, so that a
   * jti is good once, as the RFC has it, whatever it comes with.
   *
   * A proof is put here after its signature was verified: nobody fills it without making signatures. Who does is held by
   * the bound to max-remembered for each max-age, after which all proofs are refused, loudly, until it has drained.
   */

  private static final int DRAINED_EACH = 2;

  private final int most;
  private final Duration retention;
  private final Set<Id> known = ConcurrentHashMap.newKeySet();
  private final Queue<Remembered> oldestFirst = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();

  /** Half of a SHA-256. */
  private record Id(long high, long low) {}

  private record Remembered(Id id, long endMillis) {}

  /** What is known of a proof. */
  enum Finding {
    FRESH,
    REPEATED,
    /** Unknown, and not remembered: it must not be taken. */
    FULL
  }

  ReplayWindow(DpopSettings settings) {
    this.most = settings.maxRemembered();
    // A second more, for the whole seconds in which times are given.
    this.retention = settings.maxAge().plus(settings.leeway()).plusSeconds(1);
  }

  /** Whether it was taken before. */
  boolean knows(String thumbprint, String jti, Instant now) {
    drain(now, DRAINED_EACH);
    return known.contains(id(thumbprint, jti));
  }

  /** Takes it, once. */
  Finding take(String thumbprint, String jti, Instant now) {
    drain(now, DRAINED_EACH);
    Id id = id(thumbprint, jti);
    if (known.contains(id)) {
      return Finding.REPEATED;
    }
    if (size.incrementAndGet() > most) {
      size.decrementAndGet();
      drain(now, most);
      if (size.incrementAndGet() > most) {
        size.decrementAndGet();
        return Finding.FULL;
      }
    }
    if (!known.add(id)) {
      size.decrementAndGet();
      return Finding.REPEATED;
    }
    oldestFirst.add(new Remembered(id, now.plus(retention).toEpochMilli()));
    return Finding.FRESH;
  }

  /** How many are remembered. */
  int size() {
    return size.get();
  }

  /** How many may be. */
  int limit() {
    return most;
  }

  private void drain(Instant now, int atMost) {
    for (int at = 0; at < atMost; at++) {
      Remembered oldest = oldestFirst.peek();
      if (oldest == null || oldest.endMillis() >= now.toEpochMilli()) {
        return;
      }
      if (oldestFirst.remove(oldest)) { // else another thread was faster
        known.remove(oldest.id());
        size.decrementAndGet();
      }
    }
  }

  private static Id id(String thumbprint, String jti) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(thumbprint.getBytes(StandardCharsets.US_ASCII)); // always of the same length
      ByteBuffer bytes = ByteBuffer.wrap(digest.digest(jti.getBytes(StandardCharsets.UTF_8)));
      return new Id(bytes.getLong(), bytes.getLong());
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("This Java runtime lacks SHA-256", missing);
    }
  }
}
