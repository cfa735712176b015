package dev.tokenbroker.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BugReportTest {

  private static final String SECRET = "a-piece-of-the-credential";

  @Test
  void tells_types_and_places_and_no_message() {
    Throwable bug =
        new IllegalStateException(SECRET, new IOException(SECRET, new ArithmeticException(SECRET)));
    bug.addSuppressed(new IllegalArgumentException(SECRET));

    assertThat(BugReport.of(bug))
        .startsWith("java.lang.IllegalStateException at dev.tokenbroker.base.text.BugReportTest.")
        .contains(" caused by java.io.IOException at ", " caused by java.lang.ArithmeticException ")
        .doesNotContain(SECRET)
        .doesNotContain("\n");
  }

  @Test
  void ends_where_causes_go_round() {
    Exception one = new IllegalStateException();
    Exception other = new IllegalArgumentException(one);
    one.initCause(other);

    assertThat(BugReport.of(one).split(" caused by ", -1)).hasSize(4);
  }

  @Test
  void stays_short_however_deep_the_bug() {
    Throwable deep =
        IntStream.range(0, 100)
            .<Throwable>mapToObj(at -> deep(at * 10))
            .reduce((cause, bug) -> bug.initCause(cause))
            .orElseThrow();

    assertThat(BugReport.of(deep).split(" < | at ", -1)).hasSizeLessThanOrEqualTo(4 * 17);
  }

  private static Throwable deep(int frames) {
    return frames == 0 ? new IllegalStateException() : deep(frames - 1);
  }
}
