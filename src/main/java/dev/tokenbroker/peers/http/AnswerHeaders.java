package dev.tokenbroker.peers.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the response headers for lifetime, date and Retry-After (RFC 9111 sections 5.1 and 5.2, RFC
 * 9110 sections 6.6.1 and 10.2.3). An unreadable header counts as absent.
 */
final class AnswerHeaders {

  private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.RFC_1123_DATE_TIME;

  /** The day is padded with a blank. */
  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US).withZone(ZoneOffset.UTC);

  /** A two-digit year further ahead than this belongs to the century before. */
  private static final int YEARS_AHEAD = 50;

  private AnswerHeaders() {}

  /**
   * What the headers of a response say about time.
   *
   * @param received when the response arrived, by our own clock
   */
  static AnswerTimes times(
      MultiMap headers, Instant received, Duration roundTrip, Duration sinceMidpoint) {
    Instant date = date(headers.get(HttpHeaders.DATE), received);
    return new AnswerTimes(
        pause(headers.get(HttpHeaders.RETRY_AFTER), date, received),
        maxAge(headers.getAll(HttpHeaders.CACHE_CONTROL)),
        age(headers.get("Age")),
        date,
        roundTrip,
        sinceMidpoint);
  }

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
   * A date in one of the forms that recipients must accept (RFC 9110 section 5.6.7); null where it
   * is absent or has none of them.
   *
   * @param received when the response arrived, by our own clock; decides the century of a year with
   *     two digits
   */
  static @Nullable Instant date(@Nullable String date, Instant received) {
    if (date == null) {
      return null;
    }
    String bare = date.strip();
    for (DateTimeFormatter form : List.of(IMF_FIXDATE, rfc850(received), ASCTIME)) {
      try {
        return form.parse(bare, Instant::from);
      } catch (DateTimeException another) {
        // The date has another form, or none.
      }
    }
    return null;
  }

  private static DateTimeFormatter rfc850(Instant now) {
    int year = now.atOffset(ZoneOffset.UTC).getYear();
    return new DateTimeFormatterBuilder()
        .appendPattern("EEEE, dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, year + YEARS_AHEAD - 99)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.US)
        .withZone(ZoneOffset.UTC);
  }

  /**
   * {@code Retry-After}: seconds, or a date that is taken relative to the date of the response.
   * Null where absent.
   *
   * @param date the peer's {@code Date}, from the same clock as the other date; null where absent
   * @param received when the response arrived, by our own clock
   */
  static @Nullable Duration pause(
      @Nullable String retryAfter, @Nullable Instant date, Instant received) {
    if (retryAfter == null) {
      return null;
    }
    Duration wait = seconds(retryAfter.strip());
    Instant at = wait == null ? date(retryAfter, received) : null;
    if (at != null) {
      wait = Duration.between(date == null ? received : date, at);
    }
    return wait != null && wait.isNegative() ? Duration.ZERO : wait;
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
