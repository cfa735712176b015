package dev.tokenbroker.peers.http;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an answer says about time.
 *
 * @param pause how long the peer asks us to wait (RFC 9110 section 10.2.3); null where absent or
 *     unreadable
 * @param maxAge {@code max-age} of Cache-Control, zero for {@code no-store} and {@code no-cache};
 *     null where absent
 * @param age how long a cache on the way held the answer; zero where it comes from the origin
 * @param date the time by the peer's clock; null where absent
 * @param roundTrip from the sending of the request to the head of the answer, which bounds how far
 *     {@code date} can be relied on
 * @param sinceMidpoint from the middle of that round trip to the end of the answer
 */
public record AnswerTimes(
    @Nullable Duration pause,
    @Nullable Duration maxAge,
    Duration age,
    @Nullable Instant date,
    Duration roundTrip,
    Duration sinceMidpoint) {

  /** The longest pause that is honoured. */
  private static final Duration MAX_PAUSE = Duration.ofHours(1);

  /** How long to wait: {@link #pause}, at most an hour; null where absent. */
  public @Nullable Duration retryAfter() {
    return pause != null && pause.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : pause;
  }
}
