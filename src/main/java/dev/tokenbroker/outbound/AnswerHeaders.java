package dev.tokenbroker.outbound;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers that say how long an answer is good, when it was given and when to come back
 * (RFC 9111 sections 5.1 and 5.2, RFC 9110 sections 6.6.1 and 10.2.3). What cannot be read counts
 * as not said.
 */
final class AnswerHeaders {

  /** The longest wait that a peer is taken at its word for. */
  static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

  private AnswerHeaders() {}

  /** {@code max-age}, zero for {@code no-store} and {@code no-cache}; null where not said. */
  static @Nullable Duration maxAge(List<String> cacheControl) {
    Duration maxAge = null;
    for (String header : cacheControl) {
      for (String part : header.split(",", -1)) {
        String directive = part.strip().toLowerCase(Locale.ROOT);
        if (directive.equals("no-store") || directive.startsWith("no-cache")) {
          return Duration.ZERO;
        }
        if (directive.startsWith("max-age=") && maxAge == null) {
          maxAge = seconds(directive.substring("max-age=".length()).replace("\"", ""));
        }
      }
    }
    return maxAge;
  }

  /** {@code Age}; zero where not said. */
  static Duration age(@Nullable String age) {
    Duration seconds = age == null ? null : seconds(age.strip());
    return seconds == null ? Duration.ZERO : seconds;
  }

  /**
   * {@code Date}; null where not said.
   *
   * @param received when the answer came, by our own clock
   */
  static @Nullable Instant date(@Nullable String date, Instant received) {
    return date == null ? null : PeerDate.read(date, received);
  }

  /**
   * {@code Retry-After}: seconds, or a date, which counts from when the answer was given; at most
   * an hour. Null where not said.
   *
   * @param date the peer's {@code Date}: that clock gave the other date, too. Null where not said
   * @param received when the answer came, by our own clock
   */
  static @Nullable Duration retryAfter(
      @Nullable String retryAfter, @Nullable Instant date, Instant received) {
    if (retryAfter == null) {
      return null;
    }
    Duration wait = seconds(retryAfter.strip());
    Instant at = wait == null ? date(retryAfter, received) : null;
    if (at != null) {
      wait = Duration.between(date == null ? received : date, at);
    }
    if (wait == null) {
      return null;
    }
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : wait;
  }

  /** Whole seconds; more than an int holds counts as the most it holds (RFC 9111 section 1.2.2). */
  private static @Nullable Duration seconds(String digits) {
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    return Duration.ofSeconds(
        digits.length() > 10
            ? Integer.MAX_VALUE
            : Math.min(Long.parseLong(digits), Integer.MAX_VALUE));
  }
}
