package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.share.Bounded;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.base.share.Shares;
import dev.tokenbroker.base.text.Sha256;
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
 * The proofs that were accepted and could be replayed (RFC 9449 section 11.1): each is remembered
 * until it has expired. Bounded; when full, no proof is accepted. Safe for use by any number of
 * threads; each call holds a lock for a few microseconds.
 */
final class ReplayWindow {

  /*
   * The idea. 128 bits of the digest over key and jti identify a proof. It is remembered for as
   * long as any proof can be accepted: from the leeway ahead of our clock to max-age behind. As
   * this time is the same for all, the oldest entry is always the first. Each call forgets a few
   * expired entries, more than it adds. So no call pays for many, and an expired entry always makes
   * room.
   *
   * A monotonic clock measures that time. The wall clock, which iat is compared with, may be set
   * back, and then forgotten proofs would be valid again. So a proof is refused if its iat is not
   * later than the latest forgotten one. While the wall clock only goes forward, such a proof is
   * too old anyway.
   *
   * The digest includes the key, so that no caller can use up the jti of another. It leaves out the
   * other claims, so that a jti is valid once, as the RFC says, whatever else the proof contains.
   *
   * A proof is added when its caller is given a token, or is permitted by one. Each such caller has
   * a share, whatever keys it makes, so that it takes many of them to fill the window. Then all
   * proofs are refused, loudly, until some are forgotten.
   */

  private static final int FORGOTTEN_AT_A_TIME = 8;

  private final int most;
  private final Shares shares;
  private final long retentionNanos;
  private final LongSupplier nanoTime;
  private final SequencedMap<Id, Taken> oldestFirst = new LinkedHashMap<>();
  private long forgottenUpToMillis = Long.MIN_VALUE;

  /** Half of a SHA-256. */
  private record Id(long high, long low) {

    // Explicit, since a native executable interprets the generated methods.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Id that && high == that.high && low == that.low;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(low);
    }
  }

  private record Taken(long nanos, long issuedMillis, Holder holder) {}

  /** The result of a look-up. */
  enum WindowFinding {
    FRESH,
    REPEATED,
    /** Unknown, but no newer than a forgotten one: it may have been accepted before. */
    FORGOTTEN,
    /** Unknown, and its holder has its whole share. */
    SHARE_USED_UP,
    /** Unknown, and there is no room to remember it: it must not be accepted. */
    FULL
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  ReplayWindow(DpopSettings settings, LongSupplier nanoTime) {
    this.most = settings.maxRemembered();
    this.shares = new Shares(Bounded.PROOFS, most);
    this.retentionNanos = retention(settings).toNanos();
    this.nanoTime = nanoTime;
  }

  /** How long any proof can be accepted after it was taken. */
  static Duration retention(DpopSettings settings) {
    // One second more, since the monotonic and the wall clock may drift apart.
    return settings.maxAge().plus(settings.leeway()).plusSeconds(1);
  }

  /** The result that {@link #take} would have, without taking. */
  WindowFinding look(String thumbprint, String jti, Instant issued) {
    Id id = id(thumbprint, jti);
    synchronized (this) {
      return look(id, issued);
    }
  }

  /** Remembers the proof if it is fresh. */
  WindowFinding take(String thumbprint, String jti, Instant issued, Holder holder) {
    Id id = id(thumbprint, jti);
    synchronized (this) {
      WindowFinding finding = look(id, issued);
      if (finding != WindowFinding.FRESH) {
        return finding;
      }
      if (shares.look(holder).isPresent()) {
        return WindowFinding.SHARE_USED_UP;
      }
      oldestFirst.put(id, new Taken(nanoTime.getAsLong(), issued.toEpochMilli(), holder));
      shares.add(holder);
      return finding;
    }
  }

  /** Forgets a proof that was taken and not accepted after all. */
  void giveBack(String thumbprint, String jti) {
    Id id = id(thumbprint, jti);
    synchronized (this) {
      Taken taken = oldestFirst.remove(id);
      if (taken != null) {
        shares.remove(taken.holder());
      }
    }
  }

  /** How many proofs are remembered that have not expired. */
  int remembered() {
    while (forgetSome()) {} // each holds the lock for a moment
    synchronized (this) {
      return oldestFirst.size();
    }
  }

  /** The maximum of {@link #remembered}. */
  int limit() {
    return most;
  }

  /** How long until the oldest entry expires and makes room. */
  synchronized Duration untilRoom() {
    if (oldestFirst.isEmpty()) {
      return Duration.ZERO;
    }
    long ageNanos = nanoTime.getAsLong() - oldestFirst.firstEntry().getValue().nanos();
    return Duration.ofNanos(Math.max(0, retentionNanos + 1 - ageNanos));
  }

  /** Proofs issued up to this moment may have been accepted and forgotten. */
  synchronized Instant forgottenUpTo() {
    return Instant.ofEpochMilli(forgottenUpToMillis);
  }

  private WindowFinding look(Id id, Instant issued) {
    forgetSome();
    if (oldestFirst.containsKey(id)) {
      return WindowFinding.REPEATED;
    }
    if (issued.toEpochMilli() <= forgottenUpToMillis) {
      return WindowFinding.FORGOTTEN;
    }
    return oldestFirst.size() < most ? WindowFinding.FRESH : WindowFinding.FULL;
  }

  /** Forgets some expired entries; returns whether there may be more. */
  private synchronized boolean forgetSome() {
    long now = nanoTime.getAsLong();
    for (int at = 0; at < FORGOTTEN_AT_A_TIME; at++) {
      if (oldestFirst.isEmpty()
          || now - oldestFirst.firstEntry().getValue().nanos() <= retentionNanos) {
        return false;
      }
      Taken old = oldestFirst.pollFirstEntry().getValue();
      shares.remove(old.holder());
      forgottenUpToMillis = Math.max(forgottenUpToMillis, old.issuedMillis());
    }
    return true;
  }

  private static Id id(String thumbprint, String jti) {
    MessageDigest digest = Sha256.begin();
    digest.update(thumbprint.getBytes(StandardCharsets.US_ASCII)); // always of equal length
    ByteBuffer bytes = ByteBuffer.wrap(digest.digest(jti.getBytes(StandardCharsets.UTF_8)));
    return new Id(bytes.getLong(), bytes.getLong());
  }
}
