package dev.tokenbroker.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerHeadersTest {

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
    assertThat(AnswerHeaders.date("Tue, 24 Nov 2026 12:00:00 GMT"))
        .isEqualTo(Instant.parse("2026-11-24T12:00:00Z"));
    assertThat(AnswerHeaders.date("yesterday")).isNull();
    assertThat(AnswerHeaders.date(null)).isNull();
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
        "Tue, 24 Nov 2026 11:59:00 GMT|0",
        "Tue, 24 Nov 2026 18:00:00 GMT|3600"
      })
  void reads_when_to_come_back(String header, long seconds) {
    assertThat(AnswerHeaders.retryAfter(header, Instant.parse("2026-11-24T12:00:00Z")))
        .isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1.5", "Tue, 99 Nov 2026 12:00:30 GMT"})
  void takes_an_unreadable_time_to_come_back_for_none(String header) {
    assertThat(AnswerHeaders.retryAfter(header, Instant.parse("2026-11-24T12:00:00Z"))).isNull();
  }

  @Test
  void reads_no_date_to_come_back_without_knowing_the_clock_of_the_peer() {
    assertThat(AnswerHeaders.retryAfter("Tue, 24 Nov 2026 12:00:30 GMT", null)).isNull();
    assertThat(AnswerHeaders.retryAfter("30", null)).isEqualTo(Duration.ofSeconds(30));
    assertThat(AnswerHeaders.retryAfter(null, null)).isNull();
  }
}
