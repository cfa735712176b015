package dev.tokenbroker.peers.guard;

import java.time.Duration;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Computes waits with full jitter: a random time from zero to a longest wait, so that callers that
 * failed together do not return together. Waits are whole milliseconds.
 */
final class BackOff {

  private final long baseMillis;
  private final long capMillis;
  private final LongUnaryOperator random;

  /**
   * A back-off that doubles from the base to the cap.
   *
   * @param random returns a number from 0 (included) to its argument (excluded); safe for use by
   *     several threads
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
   * @param retryAfter the wait that the peer asks for, to which the jitter is added; or null
   */
  Duration beforeRetry(int attempts, @Nullable Duration retryAfter) {
    int doublings = Math.min(attempts - 1, Long.numberOfLeadingZeros(baseMillis) - 2);
    long longest = Math.min(capMillis, baseMillis << doublings);
    return past(retryAfter == null ? Duration.ZERO : retryAfter, Duration.ofMillis(longest));
  }

  /** A random wait from one millisecond to the given time. */
  Duration upTo(Duration longest) {
    return Duration.ofMillis(1 + random.applyAsLong(Math.max(1, longest.toMillis())));
  }

  /** The whole first wait, plus a random part of the second. */
  Duration past(Duration whole, Duration longest) {
    // Rounded up, since a call earlier than the peer asked for would be too soon.
    long millis = whole.plusNanos(999_999).toMillis();
    return Duration.ofMillis(millis + random.applyAsLong(longest.toMillis() + 1));
  }
}
