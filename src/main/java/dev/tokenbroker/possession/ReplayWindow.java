package dev.tokenbroker.possession;

import dev.tokenbroker.jose.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The proofs that were taken and could be taken again (RFC 9449 section 11.1): each is remembered
 * until it has become too old. Bounded; when full, nothing more is taken. Safe for use by any
 * number of threads; each call holds a lock for a few microseconds.
 */
final class ReplayWindow {

  /*
   * The idea. A proof is known by 128 bits of the digest over its key and its jti, and is remembered for as long as any
   * proof can be taken: from as far ahead of our clock as the leeway allows, to max-age behind. All are thus remembered for the
   * same time, so that the oldest is always the first, and whoever asks forgets a few that are over, more than come in by it:
   * none pays for many, and where one is over there is room.
   *
   * That time is measured by a clock that nobody sets. The one that iat is compared with may be set back, and then what was
   * forgotten would be in time again. So nothing is taken that was made no later than the latest of those forgotten; by a
   * clock that only goes forward, none comes here that is not too old.
   *
   * The key belongs to it, so that nobody can use up the jti of somebody else; what was signed besides does not, so that a
   * jti is good once, as the RFC has it, whatever it comes with.
   *
   * A proof is put here after its signature was verified: nobody fills it without making signatures. Who does is held by
   * the bound to max-remembered for each max-age, after which all proofs are refused, loudly, until some are forgotten.
   */

  private static final int FORGOTTEN_AT_A_TIME = 8;

  private final int most;
  private final long retentionNanos;
  private final LongSupplier nanoTime;
  private final SequencedMap<Id, Taken> oldestFirst = new LinkedHashMap<>();
  private long forgottenUpToMillis = Long.MIN_VALUE;

  /** Half of a SHA-256. */
  private record Id(long high, long low) {

    // Not the generated ones, which a native executable interprets.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Id that && high == that.high && low == that.low;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(low);
    }
  }

  private record Taken(long nanos, long issuedMillis) {}

  /** What is known of a proof. */
  enum Finding {
    FRESH,
    REPEATED,
    /** Unknown, and as old as some that were forgotten: it may have been taken. */
    FORGOTTEN,
    /** Unknown, and there is no room to remember it: it must not be taken. */
    FULL
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  ReplayWindow(DpopSettings settings, LongSupplier nanoTime) {
    this.most = settings.maxRemembered();
    // A second more, since clocks that are never set do not run quite alike.
    this.retentionNanos = settings.maxAge().plus(settings.leeway()).plusSeconds(1).toNanos();
    this.nanoTime = nanoTime;
  }

  /** What {@link #take} would say; takes nothing. */
  Finding look(String thumbprint, String jti, Instant issued) {
    Id id = id(thumbprint, jti);
    synchronized (this) {
      return look(id, issued);
    }
  }

  /** Takes it, once, where it is fresh. */
  Finding take(String thumbprint, String jti, Instant issued) {
    Id id = id(thumbprint, jti);
    synchronized (this) {
      Finding finding = look(id, issued);
      if (finding == Finding.FRESH) {
        oldestFirst.put(id, new Taken(nanoTime.getAsLong(), issued.toEpochMilli()));
      }
      return finding;
    }
  }

  /** How many are remembered that are not too old. */
  int remembered() {
    while (forgetSome()) {} // each holding the lock for a moment
    synchronized (this) {
      return oldestFirst.size();
    }
  }

  /** How many may be. */
  int limit() {
    return most;
  }

  /** How long it takes until the oldest is over, and there is room where there was none. */
  synchronized Duration untilRoom() {
    if (oldestFirst.isEmpty()) {
      return Duration.ZERO;
    }
    long ageNanos = nanoTime.getAsLong() - oldestFirst.firstEntry().getValue().nanos();
    return Duration.ofNanos(Math.max(0, retentionNanos + 1 - ageNanos));
  }

  /** What was made until then may have been taken and forgotten. */
  synchronized Instant forgottenUpTo() {
    return Instant.ofEpochMilli(forgottenUpToMillis);
  }

  private Finding look(Id id, Instant issued) {
    boolean _ = forgetSome();
    if (oldestFirst.containsKey(id)) {
      return Finding.REPEATED;
    }
    if (issued.toEpochMilli() <= forgottenUpToMillis) {
      return Finding.FORGOTTEN;
    }
    return oldestFirst.size() < most ? Finding.FRESH : Finding.FULL;
  }

  /** Whether there may be more to forget. */
  private synchronized boolean forgetSome() {
    long now = nanoTime.getAsLong();
    for (int at = 0; at < FORGOTTEN_AT_A_TIME; at++) {
      if (oldestFirst.isEmpty()
          || now - oldestFirst.firstEntry().getValue().nanos() <= retentionNanos) {
        return false;
      }
      Taken old = oldestFirst.pollFirstEntry().getValue();
      forgottenUpToMillis = Math.max(forgottenUpToMillis, old.issuedMillis());
    }
    return true;
  }

  private static Id id(String thumbprint, String jti) {
    MessageDigest digest = Sha256.begin();
    digest.update(thumbprint.getBytes(StandardCharsets.US_ASCII)); // always of the same length
    ByteBuffer bytes = ByteBuffer.wrap(digest.digest(jti.getBytes(StandardCharsets.UTF_8)));
    return new Id(bytes.getLong(), bytes.getLong());
  }
}
