package dev.tokenbroker.edges.http.token;

import static dev.tokenbroker.edges.http.token.TokenClient.exchangeOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.AuditLines;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.token.TokenClient.Answer;
import dev.tokenbroker.edges.http.token.TokenClient.Form;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Introspection and revocation over real connections. */
@Tag("store")
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LifecycleEndpointLiveTest {

  private static final String FORM = "application/x-www-form-urlencoded";

  @Inject Federations federations;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private TokenClient client;
  private String introspector;
  private String revoker;

  @BeforeAll
  void start() {
    String anybody = "claims.sub != ''";
    new TestFederation()
        .issuer("good", issuer.issuer())
        .upstream("sso", "http://127.0.0.1:1", "good")
        .rule("lifecycle", "good", "token-broker", anybody, "introspect, operate, revoke")
        .load(federations);
    client = new TokenClient(url, Version.HTTP_1_1);
    introspector = "Bearer " + brokerToken("introspect");
    revoker = "Bearer " + brokerToken("revoke");
  }

  // --- introspection

  @Test
  void tells_what_an_active_token_says() {
    Answer answer = introspect(tokenOf(token()));

    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(answer.header("content-type")).isEqualTo("application/json");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.members())
        .containsOnlyKeys(
            "active", "scope", "client_id", "token_type", "exp", "iat", "sub", "aud", "iss", "jti")
        .containsEntry("active", true)
        .containsEntry("scope", "deploy read")
        .containsEntry("token_type", "Bearer")
        .containsEntry("aud", "payments-api")
        .containsEntry("iss", "https://broker.test");
    long issued = Long.parseLong(answer.text("iat"));
    assertThat(Long.parseLong(answer.text("exp"))).isBetween(issued + 200, issued + 300);
    assertThat(answer.members().get("client_id")).isEqualTo(answer.members().get("sub"));
  }

  static List<String> notActive() {
    return List.of(
        "x",
        "..",
        "eyJhbGciOiJub25lIn0.e30.",
        "x".repeat(20_000),
        "a.b.c.d.e",
        "\u00e9\u0000\n",
        "null");
  }

  @ParameterizedTest
  @MethodSource("notActive")
  void says_of_what_is_not_active_only_that(String token) {
    Answer answer = introspect(tokenOf(token));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.members()).isEqualTo(Map.of("active", false));
  }

  @Test
  void reports_a_foreign_or_changed_token_as_inactive_only() {
    String token = token();
    int at = token.length() - 10;
    String changed =
        token.substring(0, at) + (token.charAt(at) == 'A' ? 'B' : 'A') + token.substring(at + 1);

    for (String other : List.of(issuer.credential(), changed, token + "x", " " + token)) {
      assertThat(introspect(tokenOf(other)).members()).isEqualTo(Map.of("active", false));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"access_token", "refresh_token", "nonsense"})
  void finds_a_token_whatever_the_hint_says(String hint) {
    String token = token();

    assertThat(introspect(tokenOf(token).add("token_type_hint", hint)).members())
        .containsEntry("active", true);
    assertThat(revoke(tokenOf(token).add("token_type_hint", hint)).status()).isEqualTo(200);
    assertThat(introspect(tokenOf(token)).members()).isEqualTo(Map.of("active", false));
  }

  // --- revocation

  @Test
  void revokes_with_an_empty_response_and_an_audit_line_each_time() {
    String token = token();
    try (AuditLines audit = new AuditLines()) {
      Answer answer = revoke(tokenOf(token));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.members()).isEmpty();
      assertThat(answer.header("content-length")).isEqualTo("0");
      assertThat(answer.header("content-type")).isEmpty();
      assertThat(answer.header("cache-control")).isEqualTo("no-store");
      assertThat(audit.with("\"intent\":\"revoke\""))
          .singleElement()
          .asString()
          .contains("\"outcome\":\"accepted\"", "\"edge\":\"http\"", "\"caller_sub\":")
          .doesNotContain(token);
    }
    assertThat(introspect(tokenOf(token)).members()).isEqualTo(Map.of("active", false));
    assertThat(revoke(tokenOf(token)).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @MethodSource("notActive")
  void answers_alike_for_what_never_was_a_token(String token) {
    try (AuditLines audit = new AuditLines()) {
      Answer answer = revoke(tokenOf(token));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.members()).isEmpty();
      assertThat(audit.count()).isZero();
    }
  }

  @Test
  void hands_out_no_revoked_token_again_but_another() {
    String credential = issuer.credential();
    String first = client.post(exchangeOf(credential)).text("access_token");
    assertThat(client.post(exchangeOf(credential)).text("access_token")).isEqualTo(first);

    revoke(tokenOf(first));
    String second = client.post(exchangeOf(credential)).text("access_token");

    assertThat(second).isNotEmpty().isNotEqualTo(first);
    assertThat(introspect(tokenOf(second)).members()).containsEntry("active", true);
    assertThat(client.post(exchangeOf(credential)).text("access_token")).isEqualTo(second);
  }

  @Test
  void takes_no_revoked_token_as_proof() {
    String operator = brokerToken("operate");
    String asking = brokerToken("introspect");
    List<HttpRequest.Builder> absent =
        List.of(
            request("/verdicts/none", "Bearer " + operator),
            request("/recording", "Bearer " + operator));
    assertThat(absent).allMatch(request -> client.send(request).status() == 404);

    revoke(tokenOf(operator));
    revoke(tokenOf(asking));

    assertThat(absent).allMatch(request -> client.send(request).status() == 401);
    assertThat(ask(client, "/introspect", "Bearer " + asking, tokenOf(token())).status())
        .isEqualTo(401);
  }

  @Test
  void revokes_only_the_presented_token_for_its_holder() {
    String held = token();
    String other = token();
    try (AuditLines audit = new AuditLines()) {
      Answer refused = ask(client, "/revoke", "Bearer " + held, tokenOf(other));
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.members()).containsEntry("reason", "CALLER_UNAUTHENTICATED");
      assertThat(ask(client, "/introspect", "Bearer " + held, tokenOf(held)).status())
          .isEqualTo(401);
      assertThat(audit.with("\"intent\":\"revoke\"")).isEmpty();

      Answer answer = ask(client, "/revoke", "Bearer " + held, tokenOf(held));
      assertThat(answer.status()).as("%s", answer).isEqualTo(200);
      assertThat(answer.members()).isEmpty();
      assertThat(audit.with("\"intent\":\"revoke\""))
          .singleElement()
          .asString()
          .contains("\"outcome\":\"accepted\"", "\"target\":\"payments-api\"", "\"caller_sub\":")
          .doesNotContain(held);
    }
    assertThat(introspect(tokenOf(held)).members()).isEqualTo(Map.of("active", false));
    assertThat(introspect(tokenOf(other)).members()).containsEntry("active", true);
    assertThat(ask(client, "/revoke", "Bearer " + held, tokenOf(held)).status()).isEqualTo(401);
  }

  // --- who asks

  static List<String> strangers() {
    return List.of("", "Bearer x", "Bearer ", "Basic YTpi", "basic", "DPoP x", "DPoP", "Digest a");
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void tells_those_who_are_not_known_the_same_whatever_the_token(String authorization) {
    String revoked = token();
    revoke(tokenOf(revoked));
    List<Form> forms =
        List.of(
            tokenOf(token()),
            tokenOf(revoked),
            tokenOf("x"),
            tokenOf(""),
            new Form(),
            tokenOf("a").add("token", "b"));
    for (String path : List.of("/introspect", "/revoke")) {
      List<Answer> answers = new ArrayList<>();
      forms.forEach(form -> answers.add(undated(ask(client, path, authorization, form))));
      answers.add(undated(send(client, path, authorization, "token=%zz")));

      assertThat(answers.stream().distinct())
          .singleElement()
          .satisfies(
              answer -> {
                assertThat(answer.status()).isEqualTo(401);
                assertThat(answer.header("www-authenticate"))
                    .matches(
                        switch (authorization) {
                          case "Bearer x" ->
                              "Bearer realm=\"token-broker\", error=\"invalid_token\", "
                                  + "error_description=\"CALLER_UNAUTHENTICATED: [^\"]+\"";
                          case "DPoP x" ->
                              "DPoP realm=\"token-broker\", error=\"invalid_token\", "
                                  + "error_description=\"CALLER_UNAUTHENTICATED: [^\"]+\", "
                                  + "algs=\"RS256 .*\"";
                          case "Basic YTpi", "basic", "Digest a" ->
                              authorization.split(" ", 2)[0]
                                  + " realm=\"token-broker\", Bearer realm=\"token-broker\"";
                          default -> "Bearer realm=\"token-broker\"";
                        });
                assertThat(answer.members())
                    .containsOnlyKeys("error", "error_description", "reason")
                    .containsEntry(
                        "error",
                        List.of("Bearer x", "DPoP x").contains(authorization)
                            ? "invalid_token"
                            : "invalid_client")
                    .containsEntry("reason", "CALLER_UNAUTHENTICATED");
                assertThat(answer.header("cache-control")).isEqualTo("no-store");
              });
    }
  }

  @Test
  void lets_nobody_in_who_presents_two_tokens_be_they_good() {
    String operator = "Bearer " + brokerToken("operate");
    Map<String, String> tokens =
        Map.of("/introspect", introspector, "/revoke", revoker, "/verdicts/none", operator);

    tokens.forEach(
        (path, token) -> {
          for (String other : List.of(token, "Bearer x", "Basic YTpi")) {
            HttpRequest.Builder request =
                request(path, token)
                    .header("Authorization", other)
                    .setHeader("Content-Type", FORM)
                    .method(
                        path.equals("/verdicts/none") ? "GET" : "POST",
                        BodyPublishers.ofString("token=x"));
            assertThat(client.send(request).status()).as("%s %s", path, other).isEqualTo(401);
          }
        });
  }

  @Test
  void names_the_missing_scope_of_a_good_token_for_any_token() {
    String operator = "Bearer " + brokerToken("operate");
    for (String path : List.of("/introspect", "/revoke")) {
      List<Answer> answers = new ArrayList<>();
      for (Form form : List.of(tokenOf(token()), tokenOf("x"), new Form())) {
        answers.add(undated(ask(client, path, operator, form)));
      }
      String scope = path.equals("/revoke") ? "revoke" : "introspect";
      assertThat(answers.stream().distinct())
          .singleElement()
          .satisfies(
              answer -> {
                assertThat(answer.status()).isEqualTo(403);
                assertThat(answer.header("www-authenticate"))
                    .matches(
                        "Bearer realm=\"token-broker\", error=\"insufficient_scope\", "
                            + "error_description=\"CALLER_NOT_PERMITTED: [^\"]+\", scope=\""
                            + scope
                            + "\"");
                assertThat(answer.text("error")).isEqualTo("insufficient_scope");
              });
    }
    assertThat(ask(client, "/revoke", introspector, tokenOf("x")).status()).isEqualTo(403);
    assertThat(ask(client, "/introspect", revoker, tokenOf("x")).status()).isEqualTo(403);
  }

  // --- the request

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "token=",
        "token=a&token=b",
        "token=a&token_type_hint=x&token_type_hint=y",
        "token=%zz",
        "tokens=a"
      })
  void refuses_what_does_not_name_one_token(String body) {
    for (String path : List.of("/introspect", "/revoke")) {
      String authorization = path.equals("/revoke") ? revoker : introspector;
      Answer answer = send(client, path, authorization, body);

      assertThat(answer.status()).as(path).isEqualTo(400);
      assertThat(answer.members())
          .containsEntry("error", "invalid_request")
          .containsEntry("reason", "REQUEST_INVALID");
    }
  }

  /** Each row: the target that the caller names, the status, and the error. */
  @ParameterizedTest
  @CsvSource({
    "payments-api, 200, ''",
    "token-broker, 200, ''",
    "sso, 400, unsupported_token_type",
    "nothing, 400, invalid_target",
  })
  void reports_an_unknown_token_of_an_upstream_as_not_revocable(
      String audience, int status, String error) {
    Answer answer = revoke(tokenOf("opaque").add("audience", audience));

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text("error")).isEqualTo(error);
    assertThat(revoke(tokenOf(token()).add("audience", audience)).status()).isEqualTo(200);
    assertThat(introspect(tokenOf("opaque").add("audience", audience)).members())
        .isEqualTo(Map.of("active", false));
    assertThat(revoke(tokenOf("x").add("audience", "a").add("audience", "b")).members())
        .containsEntry("reason", "REQUEST_INVALID");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
  void takes_no_other_method(String method) {
    for (String path : List.of("/introspect?token=x", "/revoke?token=x")) {
      Answer answer =
          client.send(request(path, introspector).method(method, BodyPublishers.noBody()));

      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("allow")).isEqualTo("POST");
    }
  }

  @Test
  void takes_a_form_within_its_bounds_and_nothing_else() {
    for (String path : List.of("/introspect", "/revoke")) {
      HttpRequest.Builder json =
          request(path, introspector)
              .setHeader("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"token\":\"x\"}"));
      assertThat(client.send(json).status()).isEqualTo(415);
      assertThat(send(client, path, introspector, "token=" + "x".repeat(50_000)).status())
          .isEqualTo(413);
      byte[] query = "token_type_hint=x".getBytes(StandardCharsets.US_ASCII);
      HttpRequest.Builder inQuery =
          request(path + "?token=x", path.equals("/revoke") ? revoker : introspector)
              .setHeader("Content-Type", FORM)
              .POST(BodyPublishers.ofByteArray(query));
      assertThat(client.send(inQuery).status()).isEqualTo(400);
    }
  }

  private String token() {
    return client.post(exchangeOf(issuer.credential())).text("access_token");
  }

  private String brokerToken(String scope) {
    Answer answer =
        client.post(
            exchangeOf(issuer.credential()).set("audience", "token-broker").add("scope", scope));
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    return answer.text("access_token");
  }

  private static Form tokenOf(String token) {
    return new Form().add("token", token);
  }

  private Answer introspect(Form form) {
    return ask(client, "/introspect", introspector, form);
  }

  private Answer revoke(Form form) {
    return ask(client, "/revoke", revoker, form);
  }

  private Answer ask(TokenClient by, String path, String authorization, Form form) {
    return send(by, path, authorization, form.encoded());
  }

  private Answer send(TokenClient by, String path, String authorization, String body) {
    return by.send(
        request(path, authorization)
            .setHeader("Content-Type", FORM)
            .POST(BodyPublishers.ofString(body)));
  }

  private HttpRequest.Builder request(String path, String authorization) {
    HttpRequest.Builder request = client.request().uri(url.resolve(path));
    return authorization.isEmpty() ? request : request.setHeader("Authorization", authorization);
  }

  private static Answer undated(Answer answer) {
    Map<String, List<String>> headers = new HashMap<>(answer.headers());
    headers.keySet().removeAll(Arrays.asList("date"));
    return new Answer(answer.status(), headers, answer.members());
  }
}
