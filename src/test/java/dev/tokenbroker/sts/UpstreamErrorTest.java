package dev.tokenbroker.sts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outbound.Posted;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.policy.Presentation;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamErrorTest {

  private static final URI ENDPOINT = URI.create("https://sso.acme.example/token");
  private static final UpstreamDefinition EXCHANGE = TestUpstreams.at(ENDPOINT);
  private static final Presentation MINTED =
      new Presentation.Minted("urn:sso", Duration.ofMinutes(1));

  @ParameterizedTest
  @CsvSource({
    "400, invalid_grant, UPSTREAM_CREDENTIAL_REFUSED",
    "401, invalid_grant, UPSTREAM_CREDENTIAL_REFUSED",
    "400, invalid_token, UPSTREAM_CREDENTIAL_REFUSED",
    "400, invalid_client, UPSTREAM_CLIENT_REFUSED",
    "401, invalid_client, UPSTREAM_CLIENT_REFUSED",
    "401, unauthorized_client, UPSTREAM_CLIENT_REFUSED",
    "401, '', UPSTREAM_CLIENT_REFUSED",
    "401, something_else, UPSTREAM_CLIENT_REFUSED",
    "400, unauthorized_client, UPSTREAM_NOT_PERMITTED",
    "400, access_denied, UPSTREAM_NOT_PERMITTED",
    "403, access_denied, UPSTREAM_NOT_PERMITTED",
    "403, insufficient_scope, UPSTREAM_NOT_PERMITTED",
    "403, '', UPSTREAM_NOT_PERMITTED",
    "400, invalid_request, UPSTREAM_REQUEST_REFUSED",
    "400, invalid_target, UPSTREAM_REQUEST_REFUSED",
    "400, invalid_scope, UPSTREAM_REQUEST_REFUSED",
    "400, unsupported_grant_type, UPSTREAM_REQUEST_REFUSED",
    "400, unsupported_token_type, UPSTREAM_REQUEST_REFUSED",
    "400, '', UPSTREAM_REQUEST_REFUSED",
    "404, invalid_request, UPSTREAM_REQUEST_REFUSED",
    "404, invalid_client, UPSTREAM_CLIENT_REFUSED",
    "413, '', UPSTREAM_REQUEST_REFUSED",
    "404, '', UPSTREAM_ANSWER_MALFORMED",
    "405, '', UPSTREAM_ANSWER_MALFORMED",
    "410, '', UPSTREAM_ANSWER_MALFORMED",
    "302, '', UPSTREAM_ANSWER_MALFORMED",
    "302, invalid_request, UPSTREAM_ANSWER_MALFORMED",
    "204, '', UPSTREAM_ANSWER_MALFORMED",
    "201, '', UPSTREAM_ANSWER_MALFORMED",
    "429, '', UPSTREAM_THROTTLED",
    "429, invalid_grant, UPSTREAM_THROTTLED",
    "408, '', UPSTREAM_UNAVAILABLE",
    "400, slow_down, UPSTREAM_UNAVAILABLE",
    "400, temporarily_unavailable, UPSTREAM_UNAVAILABLE",
    "400, server_error, UPSTREAM_UNAVAILABLE",
    "500, invalid_grant, UPSTREAM_UNAVAILABLE",
    "503, '', UPSTREAM_UNAVAILABLE"
  })
  void is_told_apart_by_status_and_code(int status, String code, RefusalReason reason) {
    assertThat(error(status, code).reason(EXCHANGE, Presentation.CREDENTIAL)).isEqualTo(reason);
  }

  @Test
  void where_the_credential_is_the_client_it_is_the_credential_that_is_refused() {
    UpstreamDefinition federated =
        TestUpstreams.at(
            ENDPOINT,
            UpstreamGrant.CLIENT_CREDENTIALS,
            new ClientAuthentication.Federated("broker"));

    assertThat(error(401, "invalid_client").reason(federated, Presentation.CREDENTIAL))
        .isEqualTo(RefusalReason.UPSTREAM_CREDENTIAL_REFUSED);
    assertThat(error(400, "invalid_grant").reason(federated, Presentation.CREDENTIAL))
        .isEqualTo(RefusalReason.UPSTREAM_CREDENTIAL_REFUSED);
  }

  @ParameterizedTest
  @CsvSource({
    "TOKEN_EXCHANGE, 400, invalid_grant, UPSTREAM_ASSERTION_REFUSED",
    "TOKEN_EXCHANGE, 401, invalid_token, UPSTREAM_ASSERTION_REFUSED",
    "TOKEN_EXCHANGE, 401, invalid_client, UPSTREAM_CLIENT_REFUSED",
    "TOKEN_EXCHANGE, 400, invalid_request, UPSTREAM_REQUEST_REFUSED",
    "TOKEN_EXCHANGE, 403, access_denied, UPSTREAM_NOT_PERMITTED",
    "JWT_BEARER, 400, invalid_grant, UPSTREAM_ASSERTION_REFUSED",
    "JWT_BEARER, 401, '', UPSTREAM_CLIENT_REFUSED",
  })
  void a_refused_jwt_of_the_broker_is_told_from_a_refused_credential(
      UpstreamGrant grant, int status, String code, RefusalReason reason) {
    UpstreamDefinition upstream =
        TestUpstreams.at(ENDPOINT, grant, new ClientAuthentication.NoAuthentication(null));

    assertThat(error(status, code).reason(upstream, MINTED)).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "400, invalid_grant, UPSTREAM_ASSERTION_REFUSED",
    "400, invalid_client, UPSTREAM_ASSERTION_REFUSED",
    "401, invalid_client, UPSTREAM_ASSERTION_REFUSED",
    "401, '', UPSTREAM_ASSERTION_REFUSED",
    "401, unauthorized_client, UPSTREAM_ASSERTION_REFUSED",
    "400, unauthorized_client, UPSTREAM_NOT_PERMITTED",
    "400, invalid_scope, UPSTREAM_REQUEST_REFUSED",
    "429, '', UPSTREAM_THROTTLED",
  })
  void so_is_one_that_is_the_client(int status, String code, RefusalReason reason) {
    UpstreamDefinition federated =
        TestUpstreams.at(
            ENDPOINT,
            UpstreamGrant.CLIENT_CREDENTIALS,
            new ClientAuthentication.Federated("broker"));

    assertThat(error(status, code).reason(federated, MINTED)).isEqualTo(reason);
  }

  @Test
  void where_no_credential_is_sent_none_is_refused() {
    UpstreamDefinition own =
        TestUpstreams.at(
            ENDPOINT,
            UpstreamGrant.CLIENT_CREDENTIALS,
            new ClientAuthentication.NoAuthentication("broker"));

    assertThat(error(400, "invalid_grant").reason(own, Presentation.CREDENTIAL))
        .isEqualTo(RefusalReason.UPSTREAM_CLIENT_REFUSED);
  }

  @Test
  void what_a_code_leaves_open_is_hinted_at() {
    assertThat(error(400, "invalid_request").refusal(EXCHANGE, Presentation.CREDENTIAL).hints())
        .hasSize(1);
    assertThat(error(400, "invalid_client").refusal(EXCHANGE, Presentation.CREDENTIAL).hints())
        .hasSize(1);
    assertThat(error(401, "invalid_client").refusal(EXCHANGE, Presentation.CREDENTIAL).hints())
        .isEmpty();
    assertThat(error(400, "invalid_scope").refusal(EXCHANGE, Presentation.CREDENTIAL).hints())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "408, true, true",
    "429, true, true",
    "503, true, true",
    "500, true, false",
    "502, true, false",
    "504, true, false",
    "501, false, false",
    "505, false, false",
    "404, false, false",
    "307, false, false"
  })
  void may_be_tried_again_while_nothing_was_used_up(
      int status, boolean retryable, boolean retryableWhereUsedOnce) {
    assertThat(error(status, "").isRetryable(false)).isEqualTo(retryable);
    assertThat(error(status, "").isRetryable(true)).isEqualTo(retryableWhereUsedOnce);
  }

  @Test
  void nothing_of_the_body_is_told_but_its_code_and_a_digest() {
    String body = "{\"error\":\"invalid_grant\",\"error_description\":\"user alice at host db-7\"}";

    Refusal refusal = read(400, body).refusal(EXCHANGE, Presentation.CREDENTIAL);

    assertThat(refusal.seen()).matches("status 400, error invalid_grant, body sha256:[0-9a-f]{16}");
    assertThat(refusal.toString()).doesNotContain("alice").doesNotContain("db-7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>Bad gateway</html>",
        "{\"error\":7}",
        "{\"error\":{\"code\":\"invalid_grant\"}}",
        "{\"error\":\"invalid grant\"}",
        "{\"error\":\"a\\\\b\"}",
        "{\"error\":\"a\\nb\"}",
        "{\"error\":\"caf\\u00e9\"}",
        "{\"error\":\"invalid_grant\",\"error\":\"invalid_client\"}"
      })
  void what_is_no_error_code_counts_as_none(String body) {
    assertThat(read(400, body).code()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln",
        "invalid_grant_for_alice",
        "INVALID_GRANT",
        "invalid grant"
      })
  void an_error_that_nobody_knows_is_told_by_its_digest(String error) {
    Refusal refusal = error(400, error).refusal(EXCHANGE, Presentation.CREDENTIAL);

    assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_REQUEST_REFUSED);
    assertThat(refusal.seen())
        .matches("status 400, another error \\(sha256:[0-9a-f]{16}\\), body sha256:[0-9a-f]{16}");
    assertThat(error(400, error).refusal(EXCHANGE, Presentation.CREDENTIAL)).isEqualTo(refusal);
  }

  @Test
  void an_application_that_is_not_there_is_no_token_endpoint_whatever_it_calls_its_error() {
    assertThat(error(404, "Realm does not exist").reason(EXCHANGE, Presentation.CREDENTIAL))
        .isEqualTo(RefusalReason.UPSTREAM_ANSWER_MALFORMED);
    assertThat(error(404, "not_found").reason(EXCHANGE, Presentation.CREDENTIAL))
        .isEqualTo(RefusalReason.UPSTREAM_ANSWER_MALFORMED);
  }

  @ParameterizedTest
  @CsvSource({
    "403, text/html, UPSTREAM_ANSWER_MALFORMED",
    "401, text/html;charset=utf-8, UPSTREAM_ANSWER_MALFORMED",
    "400, application/xhtml+xml, UPSTREAM_ANSWER_MALFORMED",
    "429, text/html, UPSTREAM_THROTTLED",
    "503, text/html, UPSTREAM_UNAVAILABLE",
    "403, text/plain, UPSTREAM_NOT_PERMITTED"
  })
  void a_web_page_is_no_judgement_of_a_token_endpoint(
      int status, String contentType, RefusalReason reason) {
    UpstreamError page =
        UpstreamError.of(
            new Posted.Response(
                status, contentType, "<html>no</html>".getBytes(UTF_8), null, null));
    assertThat(page.reason(EXCHANGE, Presentation.CREDENTIAL)).isEqualTo(reason);
  }

  @Test
  void an_error_that_is_sent_as_a_web_page_still_counts() {
    UpstreamError mislabelled =
        UpstreamError.of(
            new Posted.Response(
                403, "text/html", "{\"error\":\"access_denied\"}".getBytes(UTF_8), null, null));
    assertThat(mislabelled.reason(EXCHANGE, Presentation.CREDENTIAL))
        .isEqualTo(RefusalReason.UPSTREAM_NOT_PERMITTED);
  }

  private static UpstreamError error(int status, String code) {
    return read(status, code.isEmpty() ? "" : "{\"error\":\"" + code + "\"}");
  }

  private static UpstreamError read(int status, String body) {
    return UpstreamError.of(
        new Posted.Response(status, "application/json", body.getBytes(UTF_8), null, null));
  }
}
