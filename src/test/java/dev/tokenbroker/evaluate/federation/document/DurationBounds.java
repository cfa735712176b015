package dev.tokenbroker.evaluate.federation.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Durations;
import dev.tokenbroker.schema.DocumentSchema;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** The durations that a schema takes for one key. */
public final class DurationBounds {

  private static final List<String> UNITS = List.of("ms", "s", "m", "h");
  private static final int MAX_DIGITS = 9;

  private final Pattern pattern;
  private final String message;

  private DurationBounds(Pattern pattern, String message) {
    this.pattern = pattern;
    this.message = message;
  }

  /** The key at that JSON pointer. */
  public static DurationBounds of(DocumentSchema schema, String pointer) {
    return new DurationBounds(
        Pattern.compile(schema.at(pointer + "/pattern").asText()),
        schema.at(pointer + "/patternErrorMessage").asText());
  }

  boolean takes(String text) {
    return pattern.matcher(text).find();
  }

  /** Fails unless exactly the durations in short form from least to most are taken. */
  public void assertAre(Duration least, Duration most) {
    assertThat(message).contains(Durations.format(least) + " to " + Durations.format(most));
    for (String unit : UNITS) {
      long one = Durations.parse("1" + unit).orElseThrow().toMillis();
      LongStream.concat(
              LongStream.range(0, 2_000),
              LongStream.of(least.toMillis() / one, most.toMillis() / one)
                  .flatMap(bound -> LongStream.rangeClosed(bound - 2, bound + 2)))
          .filter(count -> count >= 0)
          .forEach(count -> assertAgree(count, unit, one, least, most));
    }
  }

  private void assertAgree(long count, String unit, long one, Duration least, Duration most) {
    Duration duration = Duration.ofMillis(count * one);
    boolean within =
        Long.toString(count).length() <= MAX_DIGITS
            && duration.compareTo(least) >= 0
            && duration.compareTo(most) <= 0;
    assertThat(takes(count + unit)).as(count + unit).isEqualTo(within);
    if (count < 1_000) {
      assertThat(takes("000" + count + unit)).as("000" + count + unit).isEqualTo(within);
    }
  }
}
