package dev.tokenbroker.edges.http.token;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IssuerPathTest {

  @ParameterizedTest
  @CsvSource({
    "https://broker.example, ''",
    "https://broker.example/, ''",
    "https://broker.example:8443, ''",
    "https://broker.example/sub, /sub",
    "https://broker.example/sub/, /sub",
    "https://broker.example/a/b, /a/b",
    "https://broker.example/a%2Fb, /a%2Fb",
    "https://broker.example/a%7Eb, /a~b",
    "https://broker.example//sub, /sub",
    "https://broker.example//, ''",
    "https://broker.example/a/../b/, /b"
  })
  void is_the_normalized_path_of_the_issuer_without_the_last_slash(String issuer, String path) {
    assertThat(IssuerPath.of(issuer)).isEqualTo(path);
  }
}
