package dev.tokenbroker.issue.sts;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One thing at a time is wrong with an answer that is right otherwise. */
class TokenResponseTest {

  private static final String JSON = "application/json";
  private static final String GOOD =
      "{\"access_token\":\"t0ken\",\"token_type\":\"Bearer\",\"expires_in\":300";

  @Test
  void reads_what_rfc_8693_shows() {
    TokenResponse answer =
        accepted(
            parse(
                GOOD
                    + ",\"issued_token_type\":\"urn:ietf:params:oauth:token-type:jwt\""
                    + ",\"scope\":\"write read read\",\"refresh_token\":null,\"other\":[1]}"));

    assertThat(answer.accessToken()).isEqualTo("t0ken");
    assertThat(answer.expiresIn()).isEqualTo(Duration.ofMinutes(5));
    assertThat(answer.scopes()).containsExactly("read", "write");
    assertThat(answer.issuedTokenType()).isEqualTo("urn:ietf:params:oauth:token-type:jwt");
    assertThat(answer.toString()).doesNotContain("t0ken");
  }

  @Test
  void what_need_not_be_there_may_be_missing() {
    TokenResponse answer = accepted(parse(GOOD + "}"));

    assertThat(answer.scopes()).isNull();
    assertThat(answer.issuedTokenType()).isEqualTo(IssuedToken.ACCESS_TOKEN);
  }

  @Test
  void an_empty_scope_means_none() {
    assertThat(accepted(parse(GOOD + ",\"scope\":\"\"}")).scopes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        " application/json ; charset=utf-8"
      })
  void takes_json_under_its_name(String contentType) {
    accepted(
        TokenResponse.parse(
            contentType,
            (GOOD + "}").getBytes(UTF_8),
            Duration.ofDays(1),
            IssuedToken.ACCESS_TOKEN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "text/html", "text/plain", "application/jwt", "application/json-seq", "json"})
  void refuses_whatever_calls_itself_otherwise(String contentType) {
    Outcome<TokenResponse> answer =
        TokenResponse.parse(
            contentType,
            (GOOD + "}").getBytes(UTF_8),
            Duration.ofDays(1),
            IssuedToken.ACCESS_TOKEN);

    assertThat(refused(answer).reason()).isEqualTo(RefusalReason.UPSTREAM_ANSWER_MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html></html>",
        "[]",
        "\"text\"",
        "{",
        GOOD,
        GOOD + "}}",
        GOOD + "} {}",
        GOOD + ",\"expires_in\":300}",
        GOOD + ",\"access_token\":\"t0ken\"}",
        GOOD + ",\"extra\":{\"a\":1,\"a\":2}}",
        GOOD + ",\"issued_token_type\":\"jwt\"}",
        GOOD + ",\"issued_token_type\":7}",
        GOOD + ",\"scope\":[\"read\"]}",
        GOOD + ",\"scope\":\"re\\\"ad\"}",
        GOOD + ",\"scope\":\"re\\nad\"}",
        "{\"token_type\":\"Bearer\",\"expires_in\":300}",
        "{\"access_token\":\"\",\"token_type\":\"Bearer\",\"expires_in\":300}",
        "{\"access_token\":null,\"token_type\":\"Bearer\",\"expires_in\":300}",
        "{\"access_token\":7,\"token_type\":\"Bearer\",\"expires_in\":300}",
        "{\"access_token\":\"t0ken\",\"expires_in\":300}",
        "{\"access_token\":\"t0ken\",\"token_type\":[\"Bearer\"],\"expires_in\":300}",
        "{\"error\":\"invalid_grant\"}"
      })
  void refuses_what_is_no_token_response(String body) {
    Refusal refusal = refused(parse(body), RefusalReason.UPSTREAM_ANSWER_MALFORMED);
    assertThat(refusal.seen()).isNotEmpty().doesNotContain("t0ken");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"token_type\":\"N_A\",\"expires_in\":300 | another token_type than Bearer",
        "\"token_type\":\"DPoP\",\"expires_in\":300 | another token_type than Bearer",
        "\"token_type\":\"\",\"expires_in\":300 | another token_type than Bearer",
        "\"token_type\":\"Bearer\" | no expires_in",
        "\"token_type\":\"Bearer\",\"expires_in\":null | no expires_in",
        "\"token_type\":\"Bearer\",\"expires_in\":0 | an expires_in in the past",
        "\"token_type\":\"Bearer\",\"expires_in\":-1 | an expires_in in the past",
        "\"token_type\":\"Bearer\",\"expires_in\":-9999999999 | an expires_in in the past",
        "\"token_type\":\"Bearer\",\"expires_in\":86401 | an expires_in beyond PT24H",
        "\"token_type\":\"Bearer\",\"expires_in\":9999999999 | an expires_in beyond PT24H",
        "\"token_type\":\"Bearer\",\"expires_in\":99999999999999999999 | an expires_in beyond PT24H",
        "\"token_type\":\"Bearer\",\"expires_in\":300.0 | an expires_in that is no whole number, but a number",
        "\"token_type\":\"Bearer\",\"expires_in\":3e2 | an expires_in that is no whole number, but a number",
        "\"token_type\":\"Bearer\",\"expires_in\":\"300\" | an expires_in that is no whole number, but a string",
        "\"token_type\":\"Bearer\",\"expires_in\":true | an expires_in that is no whole number, but a boolean"
      })
  void refuses_tokens_that_must_not_be_passed_on(String members, String seen) {
    Refusal refusal =
        refused(
            parse("{\"access_token\":\"t0ken\"," + members + "}"),
            RefusalReason.UPSTREAM_TOKEN_UNUSABLE);
    assertThat(refusal.seen()).isEqualTo(seen);
  }

  /** RFC 8693 section 2.2.1: what is no access token has no type. */
  @ParameterizedTest
  @CsvSource({
    "id_token, id_token, true",
    "saml2, saml2, true",
    "jwt, jwt, true",
    "id_token, jwt, false",
    "id_token, access_token, false",
    "access_token, access_token, false",
    "refresh_token, refresh_token, false"
  })
  void takes_a_token_without_type_where_that_kind_was_asked_for(
      String issued, String requested, boolean taken) {
    String urn = "urn:ietf:params:oauth:token-type:";
    Outcome<TokenResponse> answer =
        TokenResponse.parse(
            JSON,
            "{\"access_token\":\"t0ken\",\"token_type\":\"N_A\",\"expires_in\":300,\"issued_token_type\":\"%s\"}"
                .formatted(urn + issued)
                .getBytes(UTF_8),
            Duration.ofHours(24),
            urn + requested);

    if (taken) {
      assertThat(accepted(answer).tokenType()).isNull();
      assertThat(accepted(answer).issuedTokenType()).isEqualTo(urn + issued);
    } else {
      assertThat(refused(answer).reason()).isEqualTo(RefusalReason.UPSTREAM_TOKEN_UNUSABLE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bearer", "BEARER", "Bearer"})
  void the_type_is_compared_without_regard_to_case(String type) {
    accepted(
        parse("{\"access_token\":\"t0ken\",\"token_type\":\"" + type + "\",\"expires_in\":86400}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"t0 ken", "t0ken\\n", "t0k\\u00e9n", "\\u0000"})
  void refuses_tokens_that_fit_no_header(String token) {
    refused(parse(withToken(token)), RefusalReason.UPSTREAM_TOKEN_UNUSABLE);
  }

  @Test
  void a_token_is_sixteen_kibibytes_at_most() {
    accepted(parse(withToken("t".repeat(TokenResponse.MAX_TOKEN_CHARS))));

    refused(
        parse(withToken("t".repeat(TokenResponse.MAX_TOKEN_CHARS + 1))),
        RefusalReason.UPSTREAM_TOKEN_UNUSABLE);
  }

  private static String withToken(String token) {
    return "{\"access_token\":\"" + token + "\",\"token_type\":\"Bearer\",\"expires_in\":300}";
  }

  private static Outcome<TokenResponse> parse(String body) {
    return TokenResponse.parse(
        JSON, body.getBytes(UTF_8), Duration.ofHours(24), IssuedToken.ACCESS_TOKEN);
  }
}
