package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnIssuerTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"https://broker.example", "https://broker.example/a/", "http://localhost:8080"})
  void is_taken_as_it_is_written(String issuer) {
    assertThat(OwnIssuer.of(TestTokenSettings.defaults().withIssuer(issuer))).isEqualTo(issuer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "broker.example",
        "ftp://broker.example",
        "https://",
        "https:///path",
        "https://me@broker.example",
        "https://broker.example?a=b",
        "https://broker.example#a",
        "https://broker.example/a b"
      })
  void is_refused_by_name_where_no_verifier_could_use_it(String issuer) {
    TokenSettings settings = TestTokenSettings.defaults().withIssuer(issuer);
    assertThatThrownBy(() -> OwnIssuer.of(settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("token-broker.token.issuer must be set");
  }
}
