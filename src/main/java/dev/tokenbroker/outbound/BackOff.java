package dev.tokenbroker.outbound;

import java.time.Duration;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait, with full jitter: anything from nothing to a longest wait, so that those who
 * failed together do not come back together. Waits are whole milliseconds.
 */
final class BackOff {

  private final long baseMillis;
  private final long capMillis;
  private final LongUnaryOperator random;

  /**
   * One that doubles from the base to the cap.
   *
   * @param random a number from 0 up to the one given, that one excluded; safe for use by several
   *     threads
   */
  BackOff(Duration base, Duration cap, LongUnaryOperator random) {
    this.baseMillis = base.toMillis();
    this.capMillis = cap.toMillis();
    this.random = random;
  }

  /**
   * The wait before the next attempt of one call.
   *
   * @param attempts how many were made, from 1 on
   * @param retryAfter what the peer asks for, which is waited for first; or null
   */
  Duration beforeRetry(int attempts, @Nullable Duration retryAfter) {
    int doublings = Math.min(attempts - 1, Long.numberOfLeadingZeros(baseMillis) - 2);
    long longest = Math.min(capMillis, baseMillis << doublings);
    return past(retryAfter == null ? Duration.ZERO : retryAfter, Duration.ofMillis(longest));
  }

  /** Something from a millisecond to that long. */
  Duration upTo(Duration longest) {
    return Duration.ofMillis(1 + random.applyAsLong(Math.max(1, longest.toMillis())));
  }

  /** The first wait whole, and something up to the second. */
  Duration past(Duration whole, Duration longest) {
    // Up, not down: less than what was asked for would be too soon.
    long millis = whole.plusNanos(999_999).toMillis();
    return Duration.ofMillis(millis + random.applyAsLong(longest.toMillis() + 1));
  }
}
