package dev.tokenbroker.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.grpc.TestFederation;
import dev.tokenbroker.jose.SigningAlgorithm;
import dev.tokenbroker.lifecycle.AccessSettings;
import dev.tokenbroker.lifecycle.TestAccess;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(WellKnownTest.BrokerWithIssuer.class)
class WellKnownTest {

  private static final String ISSUER = "https://broker.example/sub";
  private static final String JWKS = "/.well-known/jwks.json";
  private static final String METADATA = "/.well-known/oauth-authorization-server/sub";
  private static final String DISCOVERY = "/.well-known/openid-configuration";

  /** A broker with an issuer of its own. */
  public static final class BrokerWithIssuer implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("token-broker.token.issuer", ISSUER);
    }
  }

  @Inject Federations federations;

  /** Without a federation no request for a token is looked at. */
  @BeforeEach
  void start() {
    new TestFederation().issuer("good", "https://issuer.example").load(federations);
  }

  @Test
  void shows_public_keys_named_by_their_thumbprints() throws Exception {
    Response answer = given().get(JWKS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.contentType()).isEqualTo("application/json");
    List<JWK> keys = JWKSet.parse(answer.asString()).getKeys();
    assertThat(keys).isNotEmpty();
    for (JWK key : keys) {
      assertThat(key.isPrivate()).isFalse();
      assertThat(key.getKeyUse().getValue()).isEqualTo("sig");
      assertThat(key.getAlgorithm().getName()).isEqualTo("ES256");
      assertThat(key.getKeyID()).isEqualTo(key.computeThumbprint().toString());
    }
  }

  @Test
  void describes_the_issuer() throws Exception {
    Response answer = given().get(DISCOVERY);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.contentType()).isEqualTo("application/json");
    assertThat(JSONObjectUtils.parse(answer.asString()))
        .containsEntry("issuer", ISSUER)
        .containsEntry("jwks_uri", ISSUER + "/.well-known/jwks.json")
        .containsEntry("token_endpoint", ISSUER + "/token")
        .containsEntry(
            "grant_types_supported", List.of(TokenClient.TOKEN_EXCHANGE, TokenClient.JWT_BEARER))
        .containsEntry("token_endpoint_auth_methods_supported", List.of("none"))
        .containsEntry("response_types_supported", List.of("id_token"))
        .containsEntry("subject_types_supported", List.of("public"))
        .containsEntry("id_token_signing_alg_values_supported", List.of("ES256"))
        .doesNotContainKeys("authorization_endpoint", "userinfo_endpoint");
  }

  @Test
  void says_what_tokens_can_be_bound_to() throws Exception {
    assertThat(JSONObjectUtils.parse(given().get(METADATA).asString()))
        .containsEntry("tls_client_certificate_bound_access_tokens", false)
        .hasEntrySatisfying(
            "dpop_signing_alg_values_supported",
            algorithms ->
                assertThat((List<?>) algorithms)
                    .isEqualTo(
                        Arrays.stream(SigningAlgorithm.values())
                            .map(SigningAlgorithm::jwaName)
                            .toList()));
    assertThat(
            WellKnownDocuments.metadata(
                ISSUER,
                List.of("ES256"),
                new TestAccess(
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
                true))
        .containsEntry("tls_client_certificate_bound_access_tokens", true);
  }

  @Test
  void describes_the_authorization_server_at_the_path_that_follows_from_the_issuer() {
    Response answer = given().get(METADATA);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.contentType()).isEqualTo("application/json");
    assertThat(answer.asString()).isEqualTo(given().get(DISCOVERY).asString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/sub/",
        "/sub/more",
        "/SUB",
        "/other",
        "sub",
        "%2Fsub",
        "/x/.well-known/oauth-authorization-server/sub"
      })
  void describes_no_other_issuer_than_ours(String path) {
    Response answer =
        given().urlEncodingEnabled(false).get("/.well-known/oauth-authorization-server" + path);

    assertThat(answer.statusCode()).isEqualTo(404);
  }

  @Test
  void names_nothing_that_it_does_not_serve() throws Exception {
    Map<String, Object> metadata = JSONObjectUtils.parse(given().get(METADATA).asString());

    String jwks = String.valueOf(metadata.get("jwks_uri"));
    String tokens = String.valueOf(metadata.get("token_endpoint"));
    String origin = "https://broker.example";
    assertThat(given().get(jwks.substring(origin.length())).asString())
        .isEqualTo(given().get(JWKS).asString());
    assertThat(
            given()
                .formParam("grant_type", "none")
                .post(tokens.substring(origin.length()))
                .jsonPath()
                .getString("error"))
        .isEqualTo("unsupported_grant_type");
    assertThat(given().get("/sub" + DISCOVERY).statusCode()).isEqualTo(200);
  }

  @Test
  void names_where_tokens_are_asked_about_and_revoked_and_how_callers_authenticate()
      throws Exception {
    Map<String, Object> metadata = JSONObjectUtils.parse(given().get(METADATA).asString());

    for (String endpoint : List.of("introspection", "revocation")) {
      String address = String.valueOf(metadata.get(endpoint + "_endpoint"));
      assertThat(metadata)
          .containsEntry(endpoint + "_endpoint_auth_methods_supported", List.of("Bearer", "DPoP"));
      assertThat(
              given()
                  .formParam("token", "x")
                  .post(address.substring("https://broker.example".length()))
                  .header("WWW-Authenticate"))
          .startsWith("Bearer ");
    }
  }

  @Test
  void names_certificates_only_where_some_are_let_in() {
    AccessSettings access =
        new TestAccess(
            Optional.of(List.of("A".repeat(43))),
            Optional.empty(),
            Optional.empty(),
            Optional.of(List.of("gateway=/run/secrets/gateway")));

    assertThat(WellKnownDocuments.metadata(ISSUER, List.of("ES256"), access, true))
        .containsEntry(
            "introspection_endpoint_auth_methods_supported",
            List.of("Bearer", "DPoP", "tls_client_auth"))
        .containsEntry(
            "revocation_endpoint_auth_methods_supported",
            List.of("Bearer", "DPoP", "client_secret_basic", "client_secret_post"));
  }

  @Test
  void lists_nothing_that_is_empty() throws Exception {
    assertThat(JSONObjectUtils.parse(given().get(METADATA).asString()).values())
        .allSatisfy(
            value -> {
              if (value instanceof List<?> list) {
                assertThat(list).isNotEmpty();
              }
            });
  }

  @Test
  void serves_nothing_else_under_the_path_of_the_issuer() {
    assertThat(given().get("/sub/q/health/live").statusCode()).isEqualTo(404);
    assertThat(given().get("/sub/verdicts/1").statusCode()).isEqualTo(404);
    assertThat(given().get("/q/health/live").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "application/jwk-set+json, application/jwk-set+json",
    "'text/html, application/JWK-set+json;q=0.3', application/jwk-set+json",
    "application/jwk-set+json;q=0, application/json",
    "application/jwk-set+json;q=0.000, application/json",
    "application/jwk-set+json;q=x, application/json",
    "application/jwk-set+json; Q=1.0, application/jwk-set+json",
    "'json, application/jwk-set+json', application/jwk-set+json",
    "json, application/json",
    "application/json, application/json",
    "application/*, application/json",
    "*/*, application/json",
    "text/html, application/json"
  })
  void names_the_jwk_set_type_to_those_only_who_ask_for_it(String accept, String expected) {
    Response answer = given().header("Accept", accept).get(JWKS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.contentType()).isEqualTo(expected);
    assertThat(answer.header("Vary")).isEqualTo("Accept");
  }

  @ParameterizedTest
  @ValueSource(strings = {JWKS, DISCOVERY, METADATA})
  void may_be_cached_for_as_long_as_the_settings_say(String path) {
    assertThat(given().get(path).header("Cache-Control")).isEqualTo("public, max-age=300");
  }

  @ParameterizedTest
  @ValueSource(strings = {JWKS, DISCOVERY, METADATA})
  void answers_304_to_those_who_have_it(String path) {
    String tag = given().get(path).header("ETag");
    assertThat(tag).matches("\"[A-Za-z0-9_-]{22}\"");
    for (String known : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
      Response answer = given().header("If-None-Match", known).get(path);
      assertThat(answer.statusCode()).as(known).isEqualTo(304);
      assertThat(answer.asByteArray()).isEmpty();
      assertThat(answer.header("ETag")).isEqualTo(tag);
      assertThat(answer.header("Cache-Control")).isEqualTo("public, max-age=300");
    }
    assertThat(given().header("If-None-Match", "\"x\"").get(path).statusCode()).isEqualTo(200);
  }

  @Test
  void gives_each_representation_a_tag_of_its_own() {
    String json = given().get(JWKS).header("ETag");
    String jwkSet = given().header("Accept", "application/jwk-set+json").get(JWKS).header("ETag");
    assertThat(jwkSet).isNotEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(strings = {JWKS, DISCOVERY, METADATA})
  void answers_head_like_get_without_the_body(String path) {
    Response get = given().get(path);
    Response head = given().head(path);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.asByteArray()).isEmpty();
    for (String header : List.of("ETag", "Cache-Control", "Content-Type")) {
      assertThat(head.header(header)).as(header).isEqualTo(get.header(header));
    }
  }

  @Test
  void answers_errors_with_a_problem_that_says_nothing_about_the_inside() throws Exception {
    Response wrongMethod = given().body("x").post(JWKS);
    assertThat(wrongMethod.statusCode()).isEqualTo(405);
    assertThat(wrongMethod.contentType()).isEqualTo("application/problem+json");
    assertThat(JSONObjectUtils.parse(wrongMethod.asString()))
        .containsOnlyKeys("type", "title", "status", "detail")
        .containsEntry("status", 405L);
    Response unknown = given().get("/.well-known/nothing");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.asString()).doesNotContain("Exception").doesNotContain("dev.tokenbroker");
  }
}
