package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryDocumentTest {

  private static final String ISSUER = "https://issuer.example";

  @ParameterizedTest
  @CsvSource({
    "https://issuer.example, https://issuer.example/.well-known/openid-configuration",
    "https://issuer.example/, https://issuer.example/.well-known/openid-configuration",
    "https://issuer.example/realms/a, https://issuer.example/realms/a/.well-known/openid-configuration",
    "https://issuer.example:8443/a/, https://issuer.example:8443/a/.well-known/openid-configuration"
  })
  void stands_where_section_4_1_says(String issuer, String location) {
    assertThat(DiscoveryDocument.location(issuer)).hasToString(location);
  }

  @Test
  void says_where_the_keys_are() {
    assertThat(accepted(parse(ISSUER, "https://keys.example/jwks?v=1")).jwksUri())
        .hasToString("https://keys.example/jwks?v=1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://issuer.example/",
        "https://Issuer.example",
        "http://issuer.example",
        "https://issuer.example:443",
        " https://issuer.example",
        "https://other.example",
        ""
      })
  void must_name_its_issuer_character_for_character(String named) {
    Refusal refusal =
        refused(
            parse(named, "https://issuer.example/jwks"), RefusalReason.DISCOVERY_ISSUER_MISMATCH);
    assertThat(refusal.expected()).isEqualTo(ISSUER);
    assertThat(refusal.seen()).isEqualTo(named);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://issuer.example/jwks",
        "file:///etc/passwd",
        "https:jwks",
        "/jwks",
        "",
        "https://user@issuer.example/jwks",
        "https://issuer.example/jwks#keys",
        "https://issuer.example:65536/jwks",
        "https://issuer.example:2147483647/jwks",
        "https://issuer.example:99999999999/jwks",
        "https://issuer example/"
      })
  void must_name_a_plain_https_url(String jwksUri) {
    assertThat(reason(parse(ISSUER, jwksUri))).isEqualTo(RefusalReason.KEYS_INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://localhost/jwks",
        "https://LocalHost.:8443/jwks",
        "https://broker.localhost/jwks",
        "https://127.0.0.1/jwks",
        "https://127.8.9.10:9000/jwks",
        "https://[::1]/jwks",
        "https://[::ffff:127.0.0.1]/jwks"
      })
  void must_not_send_the_broker_to_its_own_host(String jwksUri) {
    assertThat(reason(parse(ISSUER, jwksUri))).isEqualTo(RefusalReason.KEYS_INVALID);
  }

  @Test
  void may_name_http_only_where_the_issuer_itself_is_http() {
    String json =
        "{\"issuer\":\"http://127.0.0.1:8080\",\"jwks_uri\":\"http://127.0.0.1:8080/jwks\"}";

    assertThat(accepted(DiscoveryDocument.parse(json.getBytes(UTF_8), "http://127.0.0.1:8080")))
        .isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "{}",
        "{\"issuer\":7,\"jwks_uri\":\"https://issuer.example/jwks\"}",
        "{\"issuer\":\"https://issuer.example\"}",
        "{\"issuer\":\"https://issuer.example\",\"jwks_uri\":[]}",
        "{\"issuer\":\"https://issuer.example\",\"issuer\":\"https://issuer.example\",\"jwks_uri\":\"https://issuer.example/jwks\"}"
      })
  void must_be_a_discovery_document(String json) {
    assertThat(reason(DiscoveryDocument.parse(json.getBytes(UTF_8), ISSUER)))
        .isEqualTo(RefusalReason.KEYS_INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://acme.example",
        "issuer.example",
        "https://",
        "https://issuer.example?tenant=a",
        "https://issuer.example#a",
        "https://user@issuer.example",
        "https://issuer example"
      })
  void is_sought_only_for_issuers_that_are_plain_urls(String issuer) {
    assertThat(KeyLocation.canBeDiscovered(issuer)).isFalse();
    assertThatThrownBy(() -> new KeyLocation(issuer, null, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Outcome<DiscoveryDocument> parse(String named, String jwksUri) {
    String json = "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}".formatted(named, jwksUri);
    return DiscoveryDocument.parse(json.getBytes(UTF_8), ISSUER);
  }
}
