package dev.tokenbroker.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
