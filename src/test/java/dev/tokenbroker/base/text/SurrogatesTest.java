package dev.tokenbroker.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SurrogatesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "\u00fc\uffff",
        "\ud83d\ude00",
        "a\ud83d\ude00b",
        "\ud83d",
        "\ude00",
        "\ude00\ud83d",
        "\ud83d\ud83d\ude00",
        "\ud83d\ude00\ude00",
        "a\ud83d",
        "\ud83da"
      })
  void are_paired_where_utf_8_keeps_the_text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    assertThat(Surrogates.arePaired(text))
        .isEqualTo(new String(utf8, StandardCharsets.UTF_8).equals(text));
  }
}
