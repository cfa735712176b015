package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.command.fetch.KeptToken;
import java.time.Duration;
import java.time.Instant;

/**
 * How long a token is good for. Two clocks measure it, and the shorter result counts: the monotonic
 * clock, which no change of the time of day disturbs, and the time of day, which goes on while the
 * machine sleeps.
 *
 * @param life the whole life
 * @param renewal the remaining life at which the next token is requested
 * @param expiry its end, by the time of day
 * @param endNanos its end, by the monotonic clock
 */
record Lifetime(Duration life, Duration renewal, Instant expiry, long endNanos) {

  /** Before its end by this time a token is no longer offered: a reader has yet to send it. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  /**
   * The lifetime of a new token. It is renewed when the token says, plus a random tenth of its life,
   * and while a quarter remains.
   *
   * @param asked the monotonic time before the request
   */
  static Lifetime of(KeptToken token, long asked, Clocks clocks) {
    Duration life = Duration.between(token.issued(), token.expiry());
    Duration left =
        Duration.between(token.renewal(), token.expiry())
            .minusNanos(clocks.random().nextLong(1 + life.toNanos() / 10));
    Duration least = life.dividedBy(4);
    return new Lifetime(
        life,
        left.compareTo(least) > 0 ? left : least,
        token.expiry(),
        asked + life.toNanos());
  }

  /** The lifetime of a token that is there, of unknown age. */
  static Lifetime until(Instant expiry, Clocks clocks) {
    Duration left = Duration.between(clocks.instant(), expiry);
    return new Lifetime(left, left, expiry, clocks.nanoTime() + left.toNanos());
  }

  /** The time that is left; negative after the end. */
  Duration remaining(Clocks clocks) {
    Duration byDay = Duration.between(clocks.instant(), expiry);
    Duration monotonic = Duration.ofNanos(endNanos - clocks.nanoTime());
    return byDay.compareTo(monotonic) < 0 ? byDay : monotonic;
  }

  /** Whether it is too late to offer the token: 5 s are left, or a quarter of a shorter life. */
  boolean hasEnded(Clocks clocks) {
    Duration quarter = life.dividedBy(4);
    return remaining(clocks).compareTo(quarter.compareTo(MARGIN) < 0 ? quarter : MARGIN) <= 0;
  }

  /** Whether it is time to request the next token. */
  boolean isDue(Clocks clocks) {
    return remaining(clocks).compareTo(renewal) <= 0;
  }

  /** The time until less than a fifth of the life is left. */
  Duration fresh(Clocks clocks) {
    return remaining(clocks).minus(life.dividedBy(5));
  }
}
