package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BearerTokenTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "eyJ.eyJ.c-_", "AbCdEf123-._~+/", "padded=="})
  void takes_what_rfc_6750_allows(String text) {
    assertThat(new BearerToken(text).header()).isEqualTo("Bearer " + text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "two words", "line\nbreak", "=", "a=b", "ümlaut", "comma,comma"})
  void refuses_other_texts_and_does_not_repeat_them(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BearerToken(text))
        .withMessage("no bearer token by RFC 6750 section 2.1");
  }

  @Test
  void refuses_what_would_make_the_header_too_long() {
    assertThat(BearerToken.isWellFormed("a".repeat(BearerToken.MAX_CHARS))).isTrue();
    assertThat(BearerToken.isWellFormed("a".repeat(BearerToken.MAX_CHARS + 1))).isFalse();
  }
}
