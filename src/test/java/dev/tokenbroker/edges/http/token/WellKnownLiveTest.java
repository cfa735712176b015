package dev.tokenbroker.edges.http.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.edges.edge.CandidateProfile;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.evaluate.federation.Federations;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(CandidateProfile.class)
class WellKnownLiveTest {

  private static final String ORIGIN = "https://broker.example";
  private static final String ISSUER = CandidateProfile.ISSUER;
  private static final String JWKS = "/.well-known/jwks.json";
  private static final String METADATA = "/.well-known/oauth-authorization-server/sub";
  private static final String DISCOVERY = "/.well-known/openid-configuration";

  @Inject Federations federations;
  @TestHTTPResource URI url;

  /** Without a federation no request for a token is looked at. */
  @BeforeEach
  void start() {
    new TestFederation().issuer("good", "https://issuer.example").load(federations);
  }

  @Test
  void shows_public_keys_named_by_their_thumbprints() throws Exception {
    HttpResponse<String> answer = get(JWKS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Http.header(answer, "Content-Type")).isEqualTo("application/json");
    List<JWK> keys = JWKSet.parse(answer.body()).getKeys();
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
    HttpResponse<String> answer = get(DISCOVERY);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Http.header(answer, "Content-Type")).isEqualTo("application/json");
    assertThat(JSONObjectUtils.parse(answer.body()))
        .containsEntry("issuer", ISSUER)
        .containsEntry("jwks_uri", ISSUER + "/.well-known/jwks.json")
        .containsEntry("token_endpoint", ISSUER + "/token")
        .containsEntry(
            "grant_types_supported",
            List.of(TokenClient.TOKEN_EXCHANGE, TokenClient.JWT_BEARER, "client_credentials"))
        .containsEntry("token_endpoint_auth_methods_supported", List.of("none", "private_key_jwt"))
        .containsKey("token_endpoint_auth_signing_alg_values_supported")
        .containsEntry("response_types_supported", List.of("id_token"))
        .containsEntry("subject_types_supported", List.of("public"))
        .containsEntry("id_token_signing_alg_values_supported", List.of("ES256"))
        .doesNotContainKeys("authorization_endpoint", "userinfo_endpoint");
  }

  @Test
  void says_what_tokens_can_be_bound_to() throws Exception {
    assertThat(JSONObjectUtils.parse(get(METADATA).body()))
        .containsEntry("tls_client_certificate_bound_access_tokens", false)
        .hasEntrySatisfying(
            "dpop_signing_alg_values_supported",
            algorithms ->
                assertThat((List<?>) algorithms)
                    .isEqualTo(
                        Arrays.stream(SigningAlgorithm.values())
                            .map(SigningAlgorithm::jwaName)
                            .toList()));
  }

  @Test
  void describes_the_authorization_server_at_the_path_of_the_issuer() {
    HttpResponse<String> answer = get(METADATA);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Http.header(answer, "Content-Type")).isEqualTo("application/json");
    assertThat(answer.body()).isEqualTo(get(DISCOVERY).body());
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
    assertThat(get("/.well-known/oauth-authorization-server" + path).statusCode()).isEqualTo(404);
  }

  @Test
  void names_nothing_that_it_does_not_serve() throws Exception {
    Map<String, Object> metadata = JSONObjectUtils.parse(get(METADATA).body());

    String jwks = String.valueOf(metadata.get("jwks_uri"));
    String tokens = String.valueOf(metadata.get("token_endpoint"));
    assertThat(get(jwks.substring(ORIGIN.length())).body()).isEqualTo(get(JWKS).body());
    assertThat(Http.post(url.resolve(tokens.substring(ORIGIN.length())), "grant_type=none").body())
        .contains("\"error\":\"unsupported_grant_type\"");
    assertThat(get("/sub" + DISCOVERY).statusCode()).isEqualTo(200);
  }

  @Test
  void names_introspection_and_revocation_and_their_authentication() throws Exception {
    Map<String, Object> metadata = JSONObjectUtils.parse(get(METADATA).body());

    for (String endpoint : List.of("introspection", "revocation")) {
      String address = String.valueOf(metadata.get(endpoint + "_endpoint"));
      assertThat(metadata)
          .containsEntry(endpoint + "_endpoint_auth_methods_supported", List.of("Bearer", "DPoP"));
      assertThat(
              Http.header(
                  Http.post(url.resolve(address.substring(ORIGIN.length())), "token=x"),
                  "WWW-Authenticate"))
          .startsWith("Bearer ");
    }
  }

  @Test
  void lists_nothing_that_is_empty() throws Exception {
    assertThat(JSONObjectUtils.parse(get(METADATA).body()).values())
        .allSatisfy(
            value -> {
              if (value instanceof List<?> list) {
                assertThat(list).isNotEmpty();
              }
            });
  }

  @Test
  void serves_nothing_else_under_the_path_of_the_issuer() {
    assertThat(get("/sub/q/health/live").statusCode()).isEqualTo(404);
    assertThat(get("/sub/verdicts/1").statusCode()).isEqualTo(404);
    assertThat(get("/q/health/live").statusCode()).isEqualTo(200);
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
    HttpResponse<String> answer = get(JWKS, "Accept", accept);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Http.header(answer, "Content-Type")).isEqualTo(expected);
    assertThat(Http.header(answer, "Vary")).isEqualTo("Accept");
  }

  @ParameterizedTest
  @ValueSource(strings = {JWKS, DISCOVERY, METADATA})
  void may_be_cached_for_as_long_as_the_settings_say(String path) {
    assertThat(Http.header(get(path), "Cache-Control")).isEqualTo("public, max-age=300");
  }

  @ParameterizedTest
  @ValueSource(strings = {JWKS, DISCOVERY, METADATA})
  void answers_304_to_those_who_have_it(String path) {
    String tag = Http.header(get(path), "ETag");
    assertThat(tag).matches("\"[A-Za-z0-9_-]{22}\"");
    for (String known : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
      HttpResponse<String> answer = get(path, "If-None-Match", known);
      assertThat(answer.statusCode()).as(known).isEqualTo(304);
      assertThat(answer.body()).isEmpty();
      assertThat(Http.header(answer, "ETag")).isEqualTo(tag);
      assertThat(Http.header(answer, "Cache-Control")).isEqualTo("public, max-age=300");
    }
    assertThat(get(path, "If-None-Match", "\"x\"").statusCode()).isEqualTo(200);
  }

  @Test
  void gives_each_representation_a_tag_of_its_own() {
    String json = Http.header(get(JWKS), "ETag");
    String jwkSet = Http.header(get(JWKS, "Accept", "application/jwk-set+json"), "ETag");
    assertThat(jwkSet).isNotEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(strings = {JWKS, DISCOVERY, METADATA})
  void answers_head_like_get_without_the_body(String path) {
    HttpResponse<String> get = get(path);
    HttpResponse<String> head = Http.send("HEAD", url.resolve(path));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    for (String header : List.of("ETag", "Cache-Control", "Content-Type")) {
      assertThat(Http.header(head, header)).as(header).isEqualTo(Http.header(get, header));
    }
  }

  @Test
  void answers_errors_with_a_problem_that_reveals_no_internals() throws Exception {
    HttpResponse<String> wrongMethod = Http.post(url.resolve(JWKS), "x");
    assertThat(wrongMethod.statusCode()).isEqualTo(405);
    assertThat(Http.header(wrongMethod, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(JSONObjectUtils.parse(wrongMethod.body()))
        .containsOnlyKeys("type", "title", "status", "detail")
        .containsEntry("status", 405L);
    HttpResponse<String> unknown = get("/.well-known/nothing");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).doesNotContain("Exception").doesNotContain("dev.tokenbroker");
  }

  private HttpResponse<String> get(String path, String... headers) {
    return Http.get(url.resolve(path), headers);
  }
}
