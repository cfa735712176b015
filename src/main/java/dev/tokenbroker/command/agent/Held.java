package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.command.fetch.KeptToken;
import java.time.Duration;

/**
 * A token, and how long it is good for. Two clocks measure that, and the shorter result counts: the
 * monotonic clock, which no change of the time of day disturbs, and the time of day, which goes on
 * while the machine sleeps.
 *
 * @param renewal the remaining life at which the next token is requested
 * @param endNanos the end of the token by the monotonic clock
 */
record Held(KeptToken token, Duration renewal, long endNanos) {

  /** A token with less remaining life is not offered: a reader has yet to send it. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  /**
   * A new token. It is renewed when it says, but not before half of its life, plus a random tenth
   * of its life, at the latest when a quarter remains.
   *
   * @param asked the monotonic time before the request
   */
  static Held of(KeptToken token, long asked, Clocks clocks) {
    Duration life = life(token);
    long jitter = clocks.random().nextLong(1 + life.toNanos() / 10);
    Duration told = Duration.between(token.renewal(), token.expiry());
    Duration renewal = shorter(told, life.dividedBy(2)).minusNanos(jitter);
    Duration least = life.dividedBy(4);
    return new Held(token, renewal.compareTo(least) > 0 ? renewal : least, asked + life.toNanos());
  }

  /** The remaining life; negative after the end. */
  Duration remaining(Clocks clocks) {
    Duration monotonic = Duration.ofNanos(endNanos - clocks.nanoTime());
    Duration byDay = Duration.between(clocks.instant(), token.expiry());
    return shorter(byDay, monotonic);
  }

  /** Whether it is too late to offer the token: 5 s remain, or a quarter of a shorter life. */
  boolean hasEnded(Clocks clocks) {
    return remaining(clocks).compareTo(shorter(life(token).dividedBy(4), MARGIN)) <= 0;
  }

  boolean isDue(Clocks clocks) {
    return remaining(clocks).compareTo(renewal) <= 0;
  }

  /** The time until less than a fifth of the life remains; then the renewal is late. */
  Duration fresh(Clocks clocks) {
    return remaining(clocks).minus(life(token).dividedBy(5));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration life(KeptToken token) {
    return Duration.between(token.issued(), token.expiry());
  }
}
