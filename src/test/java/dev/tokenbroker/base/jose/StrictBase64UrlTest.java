package dev.tokenbroker.base.jose;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StrictBase64UrlTest {

  private static final String CHARS = "AQgw_-+= \u00fc";
  private static final int MOST_CHARS = 5;

  /** All short texts of characters that matter: alphabets, padding, spare bits, white space. */
  @Test
  void accepts_exactly_what_the_encoder_writes() {
    compare("");
  }

  private static void compare(String text) {
    Optional<byte[]> decoded = StrictBase64Url.decode("." + text + ".", 1, 1 + text.length());
    assertThat(decoded.isPresent()).as(text).isEqualTo(isSpelling(text));
    decoded.ifPresent(bytes -> assertThat(encoded(bytes)).isEqualTo(text));
    if (text.length() < MOST_CHARS) {
      CHARS.chars().forEach(next -> compare(text + (char) next));
    }
  }

  private static boolean isSpelling(String text) {
    try {
      return encoded(Base64.getUrlDecoder().decode(text)).equals(text);
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
