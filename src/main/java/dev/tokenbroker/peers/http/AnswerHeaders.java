package dev.tokenbroker.peers.http;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the response headers for lifetime, date and Retry-After (RFC 9111 sections 5.1 and 5.2, RFC
 * 9110 sections 6.6.1 and 10.2.3). An unreadable header counts as absent.
 */
final class AnswerHeaders {

  /** The longest Retry-After that is honoured. */
  static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

  private AnswerHeaders() {}

  /** {@code max-age}, zero for {@code no-store} and {@code no-cache}; null where absent. */
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

  /** {@code Age}; zero where absent. */
  static Duration age(@Nullable String age) {
    Duration seconds = age == null ? null : seconds(age.strip());
    return seconds == null ? Duration.ZERO : seconds;
  }

  /**
   * {@code Date}; null where absent.
   *
   * @param received when the response arrived, by our own clock
   */
  static @Nullable Instant date(@Nullable String date, Instant received) {
    return date == null ? null : PeerDate.read(date, received);
  }

  /**
   * {@code Retry-After}: seconds, or a date that is taken relative to the date of the response; at
   * most an hour. Null where absent.
   *
   * @param date the peer's {@code Date}, from the same clock as the other date; null where absent
   * @param received when the response arrived, by our own clock
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

  /** Whole seconds; a number beyond int counts as the largest int (RFC 9111 section 1.2.2). */
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
