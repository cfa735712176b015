package dev.tokenbroker.edges.http.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.RefusalReason.Retry;
import dev.tokenbroker.base.refusal.RefusalsDocument;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.TestExchange;
import dev.tokenbroker.evaluate.exchange.TestVerdict;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalResponseTest {

  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void every_reason_has_its_status_error_verdict_and_retry_time(RefusalReason reason)
      throws ParseException {
    Refusal refusal = Refusal.of(reason).retryAfter(Duration.ofMillis(1_234));

    TokenAnswer answer =
        RefusalResponse.of(refusal, verdict(reason, "seen"), request(GrantType.TOKEN_EXCHANGE));

    TokenError error = RefusalResponse.error(reason, GrantType.TOKEN_EXCHANGE);
    assertThat(answer.status()).isEqualTo(error.status());
    assertThat(members(answer))
        .containsEntry("error", error.code())
        .containsEntry("reason", reason.name())
        .containsEntry("verdict_id", "v1");
    Map<String, String> headers = new HashMap<>(Map.of("Verdict-Id", "v1"));
    if (reason.retry() == Retry.LATER) {
      headers.put("Retry-After", "2");
    } else if (error == TokenError.INVALID_CLIENT) {
      headers.put("WWW-Authenticate", "Basic realm=\"token-broker\"");
    }
    assertThat(answer.headers()).isEqualTo(headers);
  }

  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void only_bugs_are_server_errors_and_only_temporary_faults_retry(RefusalReason reason) {
    int status = RefusalResponse.error(reason, GrantType.TOKEN_EXCHANGE).status();

    assertThat(status == 500).isEqualTo(reason == RefusalReason.INTERNAL_ERROR);
    assertThat(status == 503 || status == 429).isEqualTo(reason.retry() == Retry.LATER);
  }

  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void describes_in_the_characters_that_rfc_6749_allows(RefusalReason reason)
      throws ParseException {
    String odd = "\u8A9E \"quoted\" \\ \u0007";

    TokenAnswer answer =
        RefusalResponse.of(
            Refusal.of(reason), verdict(reason, odd), request(GrantType.TOKEN_EXCHANGE));

    assertThat(members(answer).get("error_description"))
        .asString()
        .matches("[\\x20-\\x21\\x23-\\x5B\\x5D-\\x7E]+")
        .startsWith(reason + ": ")
        .endsWith(" (verdict v1)");
  }

  @ParameterizedTest
  @CsvSource({
    "audience, invalid_request, audience must be correct.",
    "subject_token, invalid_request, assertion must be correct.",
    "scopes[1], invalid_scope, scope must be correct."
  })
  void a_malformed_request_names_its_parameters_and_the_first_error(
      String field, String error, String sentence) throws ParseException {
    Refusal refusal =
        Refusal.ofRequest(
            List.of(
                new FieldViolation(field, "must be correct"),
                new FieldViolation("lifetime", "must be longer")));

    TokenAnswer answer =
        RefusalResponse.of(
            refusal, verdict(RefusalReason.REQUEST_INVALID, "seen"), request(GrantType.JWT_BEARER));

    assertThat(members(answer))
        .containsEntry("error", error)
        .containsEntry(
            "error_description",
            "REQUEST_INVALID: The request is not well-formed. "
                + sentence
                + " lifetime must be longer. (verdict v1)");
  }

  @Test
  void a_rejected_credential_in_an_assertion_is_an_invalid_grant() {
    assertThat(RefusalResponse.error(RefusalReason.CREDENTIAL_EXPIRED, GrantType.JWT_BEARER))
        .isEqualTo(TokenError.INVALID_GRANT);
    assertThat(RefusalResponse.error(RefusalReason.CREDENTIAL_EXPIRED, GrantType.TOKEN_EXCHANGE))
        .isEqualTo(TokenError.INVALID_REQUEST);
    assertThat(
            RefusalResponse.error(RefusalReason.CREDENTIAL_EXPIRED, GrantType.CLIENT_CREDENTIALS))
        .isEqualTo(TokenError.INVALID_CLIENT);
  }

  @Test
  void tells_in_details_what_the_caller_may_know() throws ParseException {
    RefusalReason reason = RefusalReason.NO_RULE_MATCHED;

    TokenAnswer answer =
        RefusalResponse.of(
            Refusal.of(reason), verdict(reason, "seen"), request(GrantType.TOKEN_EXCHANGE));

    assertThat(members(answer).get("details"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("step", "rule")
        .containsEntry("issuer", "github");
  }

  @Test
  void the_document_says_for_each_reason_what_the_code_does() throws IOException {
    Map<String, String> rows = RefusalsDocument.rows();

    for (RefusalReason reason : RefusalReason.values()) {
      TokenError error = RefusalResponse.error(reason, GrantType.TOKEN_EXCHANGE);
      assertThat(rows.get(reason.name()))
          .as(reason.name())
          .contains("| " + error.status() + " `" + error.code() + "` |");
    }
  }

  private static Map<String, Object> members(TokenAnswer answer) throws ParseException {
    return JSONObjectUtils.parse(answer.body().toString());
  }

  private static TokenRequest request(GrantType grant) {
    return new TokenRequest(
        TestExchange.unread(), grant, false, TokenError.INVALID_REQUEST, "Basic");
  }

  private static Verdict verdict(RefusalReason reason, String text) {
    Trail trail = new Trail();
    Refusal refusal = Refusal.of(reason).expected(text).seen(text).hint(text);
    trail.refuse(Step.RULE, refusal);
    return TestVerdict.refused(refusal, trail);
  }
}
