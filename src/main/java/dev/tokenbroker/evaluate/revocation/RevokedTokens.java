package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.share.Bounded;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.base.share.Shares;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.target.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that were revoked, by their {@code jti}. A token stays until it has expired, whatever
 * the wall clock said meanwhile. Safe for use by any number of threads; a look-up never waits.
 */
final class RevokedTokens {

  /*
   * The idea. A token may be forgotten once it has expired. The wall clock decides that, with a
   * minute more in case the clock is set back a little. But the wall clock may be far ahead for a
   * while. A token forgotten then would be active again once the clock is set right. So the token's
   * whole life must also have passed since the revocation, by the monotonic clock. The token was
   * minted before the revocation, so it has expired by then. A token minted by a clock ahead of
   * ours expires later: its remaining life by our clock counts.
   *
   * The tokens are checked in the order of the monotonic clock. A token that the wall clock holds
   * back is checked again after a while. So a clock that was set back does not keep room from later
   * tokens.
   *
   * A restart loses the monotonic time, and the clock may be ahead then, too. The same holds for a
   * revocation at another replica. So the file and the store keep a token up to the longest life
   * past its end. A process that reads it there keeps it for as long as any token lives.
   */

  static final Duration KEPT_PAST_END = Duration.ofMinutes(1);

  /** The longest that a token is held back by the wall clock before it is checked again. */
  static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  /** The bound of the remaining time, which a clock that is far behind makes too long. */
  private static final Duration LONGEST_KEPT = Duration.ofDays(10_000);

  private final Clocks clock;
  private final Shares holders;
  private final Map<String, Revoked> byId = new ConcurrentHashMap<>();

  /** Guarded by itself, and so is each change of {@link #byId}. */
  private final PriorityQueue<Kept> firstOver =
      new PriorityQueue<>((one, other) -> Long.signum(one.overNanos() - other.overNanos()));

  /**
   * @param most how many may be kept for holders of tokens
   */
  RevokedTokens(int most, Clocks clock) {
    this.clock = clock;
    this.holders = new Shares(Bounded.OWN_REVOCATIONS, most);
  }

  /**
   * @param holder who has revoked its own token; null for others
   * @param overNanos the monotonic time from which the token is over, or is checked again
   */
  private record Kept(Revoked revoked, @Nullable Holder holder, long overNanos) {}

  boolean holds(String tokenId) {
    return byId.containsKey(tokenId);
  }

  int size() {
    return byId.size();
  }

  /** A view of all, which changes with them. */
  Collection<Revoked> all() {
    return Collections.unmodifiableCollection(byId.values());
  }

  /**
   * Keeps a token that is revoked now.
   *
   * @param life the token's whole life
   * @param holder who revokes its own token; null for others
   */
  void keep(Revoked revoked, Duration life, @Nullable Holder holder) {
    Instant now = clock.instant();
    synchronized (firstOver) {
      if (byId.putIfAbsent(revoked.id(), revoked) == null) {
        Duration whole = life.plus(KEPT_PAST_END);
        Duration left = shorter(Duration.between(now, revoked.keptUntil()), LONGEST_KEPT);
        look(revoked, holder, clock.nanoTime(), left.compareTo(whole) > 0 ? left : whole);
        if (holder != null) {
          holders.add(holder);
        }
      }
    }
  }

  /** Keeps a token that was revoked before this process began, or at another replica. */
  void restore(Revoked revoked) {
    if (clock.instant().isBefore(revoked.keptUntil().plus(Target.MAX_LIFETIME))) {
      keep(revoked, Target.MAX_LIFETIME, null);
    }
  }

  /** The refusal of a holder that has its share; empty for any other. */
  Optional<Refusal> look(Holder holder) {
    return holders.look(holder);
  }

  void forgetExpired() {
    Instant now = clock.instant();
    synchronized (firstOver) {
      // One time for the whole loop: an entry that is put back must not be due again at once.
      long nanos = clock.nanoTime();
      for (Kept next = firstOver.peek();
          next != null && next.overNanos() - nanos <= 0;
          next = firstOver.peek()) {
        firstOver.remove();
        Duration wall = Duration.between(now, next.revoked().keptUntil());
        if (wall.isPositive()) {
          look(next.revoked(), next.holder(), nanos, shorter(wall, LONGEST_WAIT));
        } else {
          byId.remove(next.revoked().id());
          if (next.holder() != null) {
            holders.remove(next.holder());
          }
        }
      }
    }
  }

  /** The time until the next token may be forgotten; {@link #LONGEST_WAIT} at most. */
  Duration untilRoom() {
    synchronized (firstOver) {
      Kept next = firstOver.peek();
      return next == null
          ? LONGEST_WAIT
          : shorter(Duration.ofNanos(next.overNanos() - clock.nanoTime()), LONGEST_WAIT);
    }
  }

  private void look(Revoked revoked, @Nullable Holder holder, long nanos, Duration after) {
    firstOver.add(new Kept(revoked, holder, nanos + after.toNanos()));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /**
   * A revoked token, as it is kept.
   *
   * @param id its {@code jti}: letters, digits, {@code -} and {@code _}
   * @param keptUntil the earliest time to forget it; whole seconds
   */
  public record Revoked(String id, Instant keptUntil) {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

    /** Whether a token of ours may have that {@code jti}. */
    static boolean isId(String text) {
      return ID.matcher(text).matches();
    }
  }
}
