package dev.tokenbroker.token;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/**
 * One entry of a {@link TokenCache}: a token, until when it is served, and whether its refresh is
 * still to come. Safe for use by any number of threads.
 */
final class KeptToken<V> {

  private static final Duration LEAST_LEFT = Duration.ofSeconds(30);
  private static final int LEAST_LEFT_PART = 5;

  /** How far a clock may be set back before tokens of its earlier time are dated in its future. */
  private static final Duration SET_BACK = Duration.ofMinutes(1);

  /** 50 to 80 % of a life, seen from the 80 % of it that are served. */
  private static final double EARLIEST_REFRESH = 0.625;

  private static final Instant TAKEN = Instant.MAX;

  private final Lookup.Hit<V> hit;
  private final Instant usableFrom;
  private final Duration keptFor;

  /** When a refresh comes due; {@link #TAKEN} once somebody was told, or where nobody is. */
  private final AtomicReference<Instant> refreshDue;

  private KeptToken(CachedToken<V> cached, Duration keptFor, boolean refreshed) {
    this.hit = new Lookup.Hit<>(cached, false);
    this.usableFrom = cached.token().issueTime().minus(SET_BACK);
    this.keptFor = keptFor;
    this.refreshDue = new AtomicReference<>(refreshed ? cached.refreshAt() : TAKEN);
  }

  /**
   * @param refreshed whether somebody is told when its refresh comes due
   */
  static <V> KeptToken<V> of(
      IssuedToken token,
      Instant acceptableUntil,
      boolean refreshed,
      V origin,
      Instant now,
      RandomGenerator random) {
    Duration served = servedLife(token);
    Instant servedUntil = token.issueTime().plus(served);
    Instant usableUntil = acceptableUntil.isBefore(servedUntil) ? acceptableUntil : servedUntil;
    long servedMillis = Math.max(0, served.toMillis());
    double part = random.nextDouble(EARLIEST_REFRESH, 1);
    Instant refreshAt = token.issueTime().plusMillis(Math.round(servedMillis * part));
    return new KeptToken<>(
        new CachedToken<>(token, usableUntil, refreshAt, origin),
        Duration.between(now, usableUntil),
        refreshed);
  }

  /**
   * Whether it may be handed out at that moment: before its end, and not where it was issued by a
   * clock that was ahead and has been set back, since others then take it for one of the future.
   */
  boolean isUsable(Instant now) {
    return now.isBefore(hit.cached().usableUntil()) && !now.isBefore(usableFrom);
  }

  CachedToken<V> cached() {
    return hit.cached();
  }

  /** From when it was stored to when it is served no longer. */
  Duration keptFor() {
    return keptFor;
  }

  /** The token; to one caller it says that the refresh is due. */
  Lookup.Hit<V> hit(Instant now) {
    Instant due = refreshDue.get();
    return now.isBefore(due) || !refreshDue.compareAndSet(due, TAKEN)
        ? hit
        : new Lookup.Hit<>(hit.cached(), true);
  }

  /** The token, and the refresh left as it is. */
  Lookup.Hit<V> quietHit() {
    return hit;
  }

  /** Lets somebody be told again, from that moment on. */
  void putOffRefresh(Instant until) {
    refreshDue.compareAndSet(TAKEN, until);
  }

  private static Duration servedLife(IssuedToken token) {
    Duration life = Duration.between(token.issueTime(), token.expireTime());
    Duration part = life.dividedBy(LEAST_LEFT_PART);
    return life.minus(part.compareTo(LEAST_LEFT) > 0 ? part : LEAST_LEFT);
  }
}
