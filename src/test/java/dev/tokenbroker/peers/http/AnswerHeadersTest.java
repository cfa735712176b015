package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerHeadersTest {

  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max-age=600|600",
        "public, max-age=600, must-revalidate|600",
        "Max-Age=\"600\"|600",
        "max-age=0|0",
        "max-age=600, no-store|0",
        "no-cache|0",
        "no-cache=\"set-cookie\"|0",
        "max-age=99999999999999999999|2147483647",
        "max-age=2147483648|2147483647"
      })
  void reads_how_long_an_answer_is_good(String header, long seconds) {
    assertThat(AnswerHeaders.maxAge(List.of(header))).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @CsvSource({"''", "max-age", "max-age=", "max-age=-1", "max-age=1.5", "s-maxage=60", "max-age=x"})
  void takes_what_it_cannot_read_as_not_said(String header) {
    assertThat(AnswerHeaders.maxAge(List.of(header))).isNull();
  }

  @Test
  void reads_age_and_date() {
    assertThat(AnswerHeaders.age("17")).isEqualTo(Duration.ofSeconds(17));
    assertThat(AnswerHeaders.age("soon")).isEqualTo(Duration.ZERO);
    assertThat(AnswerHeaders.age(null)).isEqualTo(Duration.ZERO);
    assertThat(AnswerHeaders.date("Tue, 24 Nov 2026 12:00:00 GMT", NOON)).isEqualTo(NOON);
    assertThat(AnswerHeaders.date("yesterday", NOON)).isNull();
    assertThat(AnswerHeaders.date(null, NOON)).isNull();
  }

  /** RFC 9110 section 5.6.7: the obsolete forms, too; and which century two digits are of. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Sun, 06 Nov 1994 08:49:37 GMT|1994-11-06T08:49:37Z",
        "Sunday, 06-Nov-94 08:49:37 GMT|1994-11-06T08:49:37Z",
        "Sun Nov  6 08:49:37 1994|1994-11-06T08:49:37Z",
        "Tue Nov 24 12:00:00 2026|2026-11-24T12:00:00Z",
        "Tuesday, 24-Nov-26 12:00:00 GMT|2026-11-24T12:00:00Z",
        "Tuesday, 24-Nov-76 12:00:00 GMT|2076-11-24T12:00:00Z",
        "Thursday, 24-Nov-77 12:00:00 GMT|1977-11-24T12:00:00Z"
      })
  void reads_a_date_in_each_of_its_forms(String date, Instant moment) {
    assertThat(AnswerHeaders.date(date, NOON)).isEqualTo(moment);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0",
        "120|120",
        " 7 |7",
        "3601|3600",
        "99999999999999999999|3600",
        "Tue, 24 Nov 2026 12:00:30 GMT|30",
        "Tuesday, 24-Nov-26 12:00:30 GMT|30",
        "Tue Nov 24 12:00:30 2026|30",
        "Tue, 24 Nov 2026 11:59:00 GMT|0",
        "Tue, 24 Nov 2026 18:00:00 GMT|3600"
      })
  void reads_when_to_come_back(String header, long seconds) {
    assertThat(retryAfter(header, NOON, NOON.plusSeconds(7)))
        .isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1.5", "Tue, 99 Nov 2026 12:00:30 GMT"})
  void takes_an_unreadable_time_to_come_back_for_none(String header) {
    assertThat(retryAfter(header, NOON, NOON)).isNull();
  }

  /** RFC 9110 section 6.6.1: an answer without Date was given when it was received. */
  @Test
  void reads_a_retry_date_by_our_clock_if_the_peer_sends_no_date() {
    assertThat(retryAfter("Tue, 24 Nov 2026 12:00:30 GMT", null, NOON))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(retryAfter("Tue, 24 Nov 2026 11:59:00 GMT", null, NOON)).isEqualTo(Duration.ZERO);
    assertThat(retryAfter("30", null, NOON)).isEqualTo(Duration.ofSeconds(30));
    assertThat(retryAfter(null, null, NOON)).isNull();
  }

  private static @Nullable Duration retryAfter(
      @Nullable String header, @Nullable Instant date, Instant received) {
    Duration pause = AnswerHeaders.pause(header, date, received);
    return new AnswerTimes(pause, null, Duration.ZERO, date, Duration.ZERO, Duration.ZERO)
        .retryAfter();
  }
}
