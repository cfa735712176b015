package dev.tokenbroker.upstream;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers that say how long an answer is good and when it was given (RFC 9111 sections
 * 5.1 and 5.2, RFC 9110 section 6.6.1). What cannot be read counts as not said.
 */
final class AnswerHeaders {

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

  static @Nullable Instant date(@Nullable String date) {
    if (date == null) {
      return null;
    }
    try {
      return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date.strip()));
    } catch (DateTimeException unreadable) {
      return null;
    }
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
