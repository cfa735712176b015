package dev.tokenbroker.evaluate.federation.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThumbprintsTest {

  /** RFC 8705 appendix A. */
  private static final String BASE64_URL = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

  private static final String HEX =
      "03:80:ED:2F:62:66:50:C8:40:B2:F2:63:E6:D2:B2:9F:AE:12:AB:39:AE:5D:B3:2B:25:AD:27:EF:AD:72:E6:FD";

  @Test
  void reads_all_the_ways_in_which_people_write_one() {
    for (String text :
        List.of(BASE64_URL, HEX, HEX.replace(":", ""), HEX.toLowerCase(Locale.ROOT))) {
      assertThat(ClientSection.Thumbprints.parse(text)).as(text).contains(BASE64_URL);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v",
        "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0=",
        "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v1",
        "03:80:ED",
        "CN=payments"
      })
  void reads_nothing_else(String text) {
    assertThat(ClientSection.Thumbprints.parse(text)).isEmpty();
  }
}
