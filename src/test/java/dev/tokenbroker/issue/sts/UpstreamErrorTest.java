package dev.tokenbroker.issue.sts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.peers.http.TestAnswers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamErrorTest {

  private static final StsKind EXCHANGE =
      TestUpstreams.sts(
          UpstreamGrant.TOKEN_EXCHANGE, new ClientAuthentication.NoAuthentication("broker"));
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
    "404, not_found, UPSTREAM_ANSWER_MALFORMED",
    "404, Realm does not exist, UPSTREAM_ANSWER_MALFORMED",
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

  /** Where the credential or the JWT is the client, an error about the client refuses it. */
  @ParameterizedTest
  @CsvSource({
    "CLIENT_CREDENTIALS, true, false, 401, invalid_client, UPSTREAM_CREDENTIAL_REFUSED",
    "CLIENT_CREDENTIALS, true, false, 400, invalid_grant, UPSTREAM_CREDENTIAL_REFUSED",
    "CLIENT_CREDENTIALS, false, false, 400, invalid_grant, UPSTREAM_CLIENT_REFUSED",
    "TOKEN_EXCHANGE, false, true, 400, invalid_grant, UPSTREAM_ASSERTION_REFUSED",
    "TOKEN_EXCHANGE, false, true, 401, invalid_token, UPSTREAM_ASSERTION_REFUSED",
    "TOKEN_EXCHANGE, false, true, 401, invalid_client, UPSTREAM_CLIENT_REFUSED",
    "TOKEN_EXCHANGE, false, true, 400, invalid_request, UPSTREAM_REQUEST_REFUSED",
    "TOKEN_EXCHANGE, false, true, 403, access_denied, UPSTREAM_NOT_PERMITTED",
    "JWT_BEARER, false, true, 400, invalid_grant, UPSTREAM_ASSERTION_REFUSED",
    "JWT_BEARER, false, true, 401, '', UPSTREAM_CLIENT_REFUSED",
    "CLIENT_CREDENTIALS, true, true, 400, invalid_grant, UPSTREAM_ASSERTION_REFUSED",
    "CLIENT_CREDENTIALS, true, true, 400, invalid_client, UPSTREAM_ASSERTION_REFUSED",
    "CLIENT_CREDENTIALS, true, true, 401, invalid_client, UPSTREAM_ASSERTION_REFUSED",
    "CLIENT_CREDENTIALS, true, true, 401, '', UPSTREAM_ASSERTION_REFUSED",
    "CLIENT_CREDENTIALS, true, true, 401, unauthorized_client, UPSTREAM_ASSERTION_REFUSED",
    "CLIENT_CREDENTIALS, true, true, 400, unauthorized_client, UPSTREAM_NOT_PERMITTED",
    "CLIENT_CREDENTIALS, true, true, 400, invalid_scope, UPSTREAM_REQUEST_REFUSED",
    "CLIENT_CREDENTIALS, true, true, 429, '', UPSTREAM_THROTTLED"
  })
  void is_told_apart_by_what_the_upstream_was_shown(
      UpstreamGrant grant,
      boolean federated,
      boolean minted,
      int status,
      String code,
      RefusalReason reason) {
    ClientAuthentication client =
        federated
            ? new ClientAuthentication.Federated("broker")
            : new ClientAuthentication.NoAuthentication("broker");
    StsKind upstream = TestUpstreams.sts(grant, client);
    Presentation shown = minted ? MINTED : Presentation.CREDENTIAL;

    assertThat(error(status, code).reason(upstream, shown)).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "400, invalid_request, 1",
    "400, invalid_client, 1",
    "401, invalid_client, 0",
    "400, invalid_scope, 0"
  })
  void what_a_code_leaves_open_is_hinted_at(int status, String code, int hints) {
    assertThat(refusal(error(status, code)).hints()).hasSize(hints);
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

    Refusal refusal = refusal(read(400, body));

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
    Refusal refusal = refusal(error(400, error));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_REQUEST_REFUSED);
    assertThat(refusal.seen())
        .matches("status 400, another error \\(sha256:[0-9a-f]{16}\\), body sha256:[0-9a-f]{16}");
    assertThat(refusal(error(400, error))).isEqualTo(refusal);
  }

  @ParameterizedTest
  @CsvSource({
    "403, text/html, <html>, UPSTREAM_ANSWER_MALFORMED",
    "401, text/html;charset=utf-8, <html>, UPSTREAM_ANSWER_MALFORMED",
    "400, application/xhtml+xml, <html>, UPSTREAM_ANSWER_MALFORMED",
    "429, text/html, <html>, UPSTREAM_THROTTLED",
    "503, text/html, <html>, UPSTREAM_UNAVAILABLE",
    "403, text/plain, <html>, UPSTREAM_NOT_PERMITTED",
    "403, text/html, {\"error\":\"access_denied\"}, UPSTREAM_NOT_PERMITTED"
  })
  void a_web_page_is_no_judgement_of_an_endpoint_unless_an_error(
      int status, String contentType, String body, RefusalReason reason) {
    UpstreamError page = UpstreamError.of(TestAnswers.posted(status, contentType, body));
    assertThat(page.reason(EXCHANGE, Presentation.CREDENTIAL)).isEqualTo(reason);
  }

  private static Refusal refusal(UpstreamError error) {
    return error.refusal(EXCHANGE, Presentation.CREDENTIAL);
  }

  private static UpstreamError error(int status, String code) {
    return read(status, code.isEmpty() ? "" : "{\"error\":\"" + code + "\"}");
  }

  private static UpstreamError read(int status, String body) {
    return UpstreamError.of(TestAnswers.posted(status, "application/json", body));
  }
}
