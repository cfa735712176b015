package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstantTextTest {

  private static final long SEED = 20261124L;

  private final InstantText texts = new InstantText();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-24T12:00:00Z",
        "2026-11-24T12:00:00.120Z",
        "2026-11-24T12:00:00.000001Z",
        "2026-11-24T12:00:00.000000001Z",
        "1969-12-31T23:59:59.999999999Z",
        "-0044-03-15T00:00:00.500Z",
        "+10000-01-01T00:00:00Z"
      })
  void are_those_of_the_platform(String text) {
    assertThat(texts.of(Instant.parse(text))).isEqualTo(text);
  }

  @Test
  void are_those_of_the_platform_whatever_came_before() {
    Random random = new Random(SEED);
    long[] scales = {1, 1_000, 1_000_000, 1_000_000_000};
    for (int round = 0; round < 20_000; round++) {
      long scale = scales[random.nextInt(scales.length)];
      Instant time =
          Instant.ofEpochSecond(
              1_795_000_000L + random.nextInt(3), random.nextLong(1_000_000_000 / scale) * scale);
      assertThat(texts.of(time)).isEqualTo(time.toString());
    }
  }
}
