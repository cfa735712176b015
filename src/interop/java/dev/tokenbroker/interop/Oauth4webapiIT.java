package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An OAuth client and a resource server in Node, both by oauth4webapi. */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Oauth4webapiIT {

  private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
  private static final String BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer down = FakeIssuer.start();

  // Both are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private InteropProgram client;

  @BeforeAll
  void start(@TempDir Path directory) {
    down.answer(FakeIssuer.Answer.SERVER_ERROR);
    broker =
        InteropBroker.start(
            directory, InteropFederation.of(Map.of("good", issuer, "down", down)), Map.of());
    client = InteropProgram.node("oauth.mjs", broker);
  }

  @AfterAll
  void stop() {
    client.close();
    broker.close();
    issuer.close();
    down.close();
  }

  @BeforeEach
  void knows_the_server() {
    discover("oauth2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"oidc", "oauth2"})
  void finds_the_token_endpoint_by_either_convention(String convention) {
    assertThat(discover(convention).text("token_endpoint")).isEqualTo(broker.url() + "/token");
  }

  @Test
  void exchanges_for_a_token_that_a_resource_server_accepts() {
    Answer granted =
        token(
            EXCHANGE,
            exchangeOf(issuer.credential(), Map.of("audience", InteropFederation.TARGET)));

    assertThat(granted.text("value", "token_type")).isEqualTo("bearer");
    assertThat(granted.text("value", "issued_token_type"))
        .isEqualTo("urn:ietf:params:oauth:token-type:access_token");
    assertThat(granted.text("value", "scope")).isEqualTo("deploy read");
    Answer accepted = validate(granted, InteropFederation.TARGET);
    assertThat(accepted.text("value", "iss")).isEqualTo(broker.url());
    assertThat(accepted.text("value", "scope")).isEqualTo("deploy read");
  }

  @Test
  void gets_a_token_for_an_assertion_and_a_resource() {
    Answer granted =
        token(
            BEARER,
            Map.of(
                "assertion",
                issuer.credential(),
                "resource",
                InteropFederation.RESOURCE,
                "scope",
                "read"));

    assertThat(granted.text("value", "scope")).isEqualTo("read");
    assertThat(validate(granted, InteropFederation.RESOURCE).text("value", "sub"))
        .isEqualTo("repo:acme/payments:ref:refs/heads/main");
  }

  @Test
  void a_resource_server_refuses_a_token_for_another() {
    Answer granted =
        token(
            EXCHANGE,
            exchangeOf(issuer.credential(), Map.of("audience", InteropFederation.TARGET)));

    assertThat(validate(granted, InteropFederation.RESOURCE).text("error"))
        .isEqualTo("OAUTH_JWT_CLAIM_COMPARISON_FAILED");
  }

  @ParameterizedTest
  @CsvSource({
    "audience, payments-apo, invalid_target, TARGET_UNKNOWN",
    "scope, admin, invalid_scope, SCOPE_NOT_GRANTED",
    "subject_token, none, invalid_request, CREDENTIAL_MALFORMED",
    "subject_token_type, urn:ietf:params:oauth:token-type:saml2, invalid_request, CREDENTIAL_TYPE_NOT_SUPPORTED",
    "actor_token, none, invalid_request, ACTOR_NOT_SUPPORTED",
  })
  void is_told_the_error_and_the_reason(
      String parameter, String value, String error, String reason) {
    Map<String, String> parameters =
        exchangeOf(issuer.credential(), Map.of("audience", InteropFederation.TARGET));
    parameters.put(parameter, value);

    Answer refused = token(EXCHANGE, parameters);

    assertThat(refused.text("error")).isEqualTo("OAUTH_RESPONSE_BODY_ERROR");
    assertThat(refused.text("status")).isEqualTo("400");
    assertThat(refused.text("body", "error")).isEqualTo(error);
    assertThat(refused.text("body", "reason")).isEqualTo(reason);
    assertThat(refused.text("body", "verdict_id")).isNotEmpty();
  }

  @Test
  void is_told_that_an_assertion_is_no_grant_any_more() {
    String expired =
        issuer.credential(claims -> claims.put("exp", Instant.now().getEpochSecond() - 3600));

    Answer refused =
        token(BEARER, Map.of("assertion", expired, "audience", InteropFederation.TARGET));

    assertThat(refused.text("body", "error")).isEqualTo("invalid_grant");
    assertThat(refused.text("body", "reason")).isEqualTo("CREDENTIAL_EXPIRED");
  }

  @Test
  void is_told_of_a_grant_type_that_is_not_served() {
    assertThat(token("password", Map.of()).text("body", "error"))
        .isEqualTo("unsupported_grant_type");
  }

  @Test
  void is_told_when_to_come_back() {
    Answer refused =
        token(
            EXCHANGE, exchangeOf(down.credential(), Map.of("audience", InteropFederation.TARGET)));

    assertThat(refused.text("status")).isEqualTo("503");
    assertThat(refused.text("retryAfter")).matches("[1-9]\\d*");
  }

  @Test
  void is_challenged_where_it_authenticates_by_header() {
    Answer refused = authenticating("basic");

    assertThat(refused.text("error")).isEqualTo("OAUTH_WWW_AUTHENTICATE_CHALLENGE");
    assertThat(refused.text("status")).isEqualTo("401");
    assertThat(refused.text("challenges", 0, "scheme")).isEqualTo("basic");
    assertThat(refused.text("challenges", 0, "parameters", "realm")).isEqualTo("token-broker");
  }

  @Test
  void is_refused_where_it_sends_a_secret_in_the_form() {
    assertThat(authenticating("post").text("status")).isEqualTo("401");
  }

  @Test
  void opens_a_verdict_as_an_operator_and_is_challenged_otherwise() {
    Answer granted =
        token(
            EXCHANGE,
            exchangeOf(issuer.credential(), Map.of("audience", InteropFederation.TARGET)));
    Answer operator =
        token(
            EXCHANGE,
            exchangeOf(
                issuer.credential(claims -> claims.put("sub", "operator")),
                Map.of("audience", "token-broker")));
    String id = granted.text("value", "verdict_id");

    assertThat(verdict(operator, id).text("value", "id")).isEqualTo(id);
    Answer challenged = verdict(granted, id);
    assertThat(challenged.text("status")).isEqualTo("401");
    assertThat(challenged.text("challenges", 0, "scheme")).isEqualTo("bearer");
    assertThat(challenged.text("challenges", 0, "parameters", "error")).isEqualTo("invalid_token");
  }

  private Answer discover(String convention) {
    return client.ask("discover", Map.of("issuer", broker.url(), "algorithm", convention));
  }

  private Answer token(String grantType, Map<String, String> parameters) {
    return client.ask("token", Map.of("grantType", grantType, "parameters", parameters));
  }

  private Answer authenticating(String how) {
    return client.ask(
        "token",
        Map.of(
            "grantType",
            EXCHANGE,
            "parameters",
            exchangeOf(issuer.credential(), Map.of("audience", InteropFederation.TARGET)),
            "authentication",
            how));
  }

  private Answer validate(Answer granted, String audience) {
    return client.ask(
        "validate", Map.of("token", granted.text("value", "access_token"), "audience", audience));
  }

  private Answer verdict(Answer granted, String id) {
    return client.ask(
        "resource",
        Map.of(
            "token",
            granted.text("value", "access_token"),
            "url",
            broker.url() + "/verdicts/" + id));
  }

  private static Map<String, String> exchangeOf(String credential, Map<String, String> more) {
    Map<String, String> parameters = new HashMap<>(more);
    parameters.put("subject_token", credential);
    parameters.put("subject_token_type", JWT);
    return parameters;
  }
}
