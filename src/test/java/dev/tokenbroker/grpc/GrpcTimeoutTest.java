package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTimeoutTest {

  @ParameterizedTest
  @CsvSource({
    "1H,PT1H",
    "2M,PT2M",
    "30S,PT30S",
    "100m,PT0.1S",
    "7u,PT0.000007S",
    "99999999n,PT0.099999999S",
    "0m,PT0S"
  })
  void reads_each_unit_of_the_protocol(String header, Duration expected) {
    assertThat(GrpcTimeout.parse(header)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "S", "1", "1s", "-1S", "+1S", "1.5S", " 1S", "123456789S", "1SS", "\u0661S"})
  void takes_no_other_form(String header) {
    assertThat(GrpcTimeout.parse(header)).isEmpty();
  }

  @Test
  void is_empty_where_the_caller_said_nothing() {
    assertThat(GrpcTimeout.parse(null)).isEmpty();
  }
}
