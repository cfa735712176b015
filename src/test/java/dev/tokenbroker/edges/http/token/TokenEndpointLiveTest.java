package dev.tokenbroker.edges.http.token;

import static dev.tokenbroker.edges.http.token.TokenClient.JWT;
import static dev.tokenbroker.edges.http.token.TokenClient.assertionOf;
import static dev.tokenbroker.edges.http.token.TokenClient.clientOf;
import static dev.tokenbroker.edges.http.token.TokenClient.exchangeOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.grpc.AuditLines;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.token.TokenClient.Answer;
import dev.tokenbroker.edges.http.token.TokenClient.Form;
import dev.tokenbroker.evaluate.exchange.Verdicts;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The token endpoint over real connections: what it answers, for both grant types. */
@Tag("store")
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenEndpointLiveTest {

  private static final String RESOURCE = "https://orders.example/api";
  private static final String FORM = "application/x-www-form-urlencoded";

  @Inject Federations federations;
  @Inject Verdicts verdicts;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  private volatile Reply reply = FakeUpstream.token();
  @AutoClose private final FakeUpstream upstream = FakeUpstream.start(_ -> reply);
  @AutoClose private TokenClient client;

  @BeforeAll
  void start() {
    new TestFederation()
        .issuer("good", issuer.issuer())
        .target(RESOURCE)
        .rule("orders", "good", RESOURCE, "claims.repository == 'acme/payments'")
        .upstream("sso", upstream.origin(), "good")
        .load(federations);
    client = new TokenClient(url, Version.HTTP_1_1);
  }

  @Test
  void issues_a_token_that_is_not_to_be_stored() throws Exception {
    Answer answer = client.post(exchangeOf(issuer.credential()));

    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(answer.header("content-type")).isEqualTo("application/json");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("pragma")).isEqualTo("no-cache");
    assertThat(answer.header("date")).matches("\\w{3}, \\d\\d \\w{3} \\d{4} [0-9:]{8} GMT");
    assertThat(answer.members())
        .containsOnlyKeys(
            "access_token",
            "issued_token_type",
            "token_type",
            "expires_in",
            "scope",
            "refresh_in",
            "verdict_id")
        .containsEntry("token_type", "Bearer")
        .containsEntry("issued_token_type", "urn:ietf:params:oauth:token-type:access_token")
        .containsEntry("scope", "deploy read");
    assertThat((Long) answer.members().get("expires_in")).isBetween(1L, 600L);
    assertThat((Long) answer.members().get("refresh_in")).isBetween(0L, 600L);
    assertThat(SignedJWT.parse(answer.text("access_token")).getJWTClaimsSet().getAudience())
        .containsExactly("payments-api");
    assertThat(verdicts.find(answer.text("verdict_id")).map(Verdict::accepted)).contains(true);
  }

  /** A client that would speak HTTP/2 asks for an upgrade, which is ignored. */
  @Test
  void answers_a_client_that_would_speak_http_2() {
    try (TokenClient any = new TokenClient(url, Version.HTTP_2)) {
      assertThat(any.post(exchangeOf(issuer.credential())).status()).isEqualTo(200);
    }
  }

  @Test
  void records_which_edge_a_request_came_through() {
    try (AuditLines audit = new AuditLines()) {
      Answer answer = client.post(exchangeOf(issuer.credential()));

      assertThat(audit.with(answer.text("verdict_id")))
          .singleElement()
          .asString()
          .contains("\"edge\":\"http\"")
          .contains("\"peer\":\"127.0.0.1\"");
    }
  }

  @Test
  void an_assertion_is_the_same_request_and_gives_the_same_token() {
    String credential = issuer.credential();

    Answer exchanged = client.post(exchangeOf(credential));
    Answer asserted = client.post(assertionOf(credential));

    assertThat(asserted.status()).isEqualTo(200);
    assertThat(asserted.text("access_token")).isEqualTo(exchanged.text("access_token"));
    assertThat(asserted.text("verdict_id")).isNotEqualTo(exchanged.text("verdict_id"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jwt", "id_token", "access_token"})
  void takes_a_jwt_under_each_name_of_its_type(String type) {
    Form form =
        exchangeOf(issuer.credential())
            .set("subject_token_type", "urn:ietf:params:oauth:token-type:" + type);

    assertThat(client.post(form).status()).isEqualTo(200);
  }

  @Test
  void names_the_token_by_the_type_that_was_asked_for() {
    Answer answer = client.post(exchangeOf(issuer.credential()).add("requested_token_type", JWT));

    assertThat(answer.members()).containsEntry("issued_token_type", JWT);
  }

  @Test
  void issues_a_token_for_the_resource_that_was_asked_for() throws Exception {
    Form form = exchangeOf(issuer.credential()).without("audience").add("resource", RESOURCE);

    Answer answer = client.post(form);

    assertThat(SignedJWT.parse(answer.text("access_token")).getJWTClaimsSet().getAudience())
        .containsExactly(RESOURCE);
  }

  @Test
  void gives_the_scopes_that_were_asked_for() {
    assertThat(client.post(exchangeOf(issuer.credential()).add("scope", "read")).members())
        .containsEntry("scope", "read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "read"})
  void names_the_scopes_of_a_token_if_fewer_than_requested(String scope) {
    reply =
        FakeUpstream.json(
            200,
            ("{\"access_token\":\"theirs\",\"token_type\":\"Bearer\",\"expires_in\":120,"
                    + "\"scope\":\"%s\"}")
                .formatted(scope));

    Answer answer =
        client.post(
            exchangeOf(issuer.credential()).set("audience", "sso").add("scope", "deploy read"));

    assertThat(answer.members()).as("%s", answer).containsEntry("scope", scope);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        FORM,
        FORM + ";charset=UTF-8",
        "Application/X-WWW-Form-Urlencoded; charset=utf-8",
        FORM + " ; charset=\"utf-8\"",
        FORM + "; charset=ISO-8859-1",
        FORM + ";"
      })
  void takes_a_form_whatever_parameters_its_type_has(String type) {
    Answer answer =
        client.post(
            exchangeOf(issuer.credential()), request -> request.setHeader("Content-Type", type));

    assertThat(answer.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // what is wrong | change of the form | error | reason
        "nothing | -grant_type -subject_token -subject_token_type -audience | invalid_request | REQUEST_INVALID",
        "another grant | grant_type=password | unsupported_grant_type | REQUEST_INVALID",
        "no credential | -subject_token | invalid_request | REQUEST_INVALID",
        "no target | -audience | invalid_request | REQUEST_INVALID",
        "two targets | +audience=orders | invalid_target | REQUEST_INVALID",
        "an unknown target | audience=nobody | invalid_target | TARGET_UNKNOWN",
        "a scope of wrong form | +scope=é | invalid_scope | REQUEST_INVALID",
        "a scope that is not granted | +scope=admin | invalid_scope | SCOPE_NOT_GRANTED",
        "an actor | +actor_token=x +actor_token_type=x | invalid_request | ACTOR_NOT_SUPPORTED",
        "another type | subject_token_type=urn:x | invalid_request | CREDENTIAL_TYPE_NOT_SUPPORTED",
        "no JWT | subject_token=something | invalid_request | CREDENTIAL_MALFORMED",
      })
  void refuses_with_an_error_a_reason_and_a_verdict(
      String name, String change, String error, String reason) {
    Answer answer = client.post(exchangeOf(issuer.credential()).change(change));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.members())
        .containsEntry("error", error)
        .containsEntry("reason", reason)
        .containsKeys("error_description", "verdict_id");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("content-type")).isEqualTo("application/json");
    assertThat(answer.header("verdict-id")).isEqualTo(answer.text("verdict_id"));
    assertThat(verdicts.find(answer.text("verdict_id")).map(Verdict::reason))
        .contains(RefusalReason.valueOf(reason));
  }

  @Test
  void a_client_assertion_is_the_same_request_with_the_same_token() {
    String credential = issuer.credential(claims -> claims.put("azp", "payments-job"));

    Answer exchanged = client.post(exchangeOf(credential));
    Answer unnamed = client.post(clientOf(credential));
    Answer named = client.post(clientOf(credential).add("client_id", "payments-job"));
    Answer addressed =
        client.post(clientOf(credential).without("audience"), at("/token?audience=payments-api"));

    for (Answer answer : List.of(unnamed, named, addressed)) {
      assertThat(answer.status()).as("%s", answer).isEqualTo(200);
      assertThat(answer.text("access_token")).isEqualTo(exchanged.text("access_token"));
      assertThat(answer.members()).containsKey("issued_token_type");
      assertThat(answer.header("verdict-id")).isEqualTo(answer.text("verdict_id"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // what is wrong | change of the form | query | Authorization | status | error | reason
        "no assertion | -client_assertion | | | 401 | invalid_client | REQUEST_INVALID",
        "no assertion and no type | -client_assertion -client_assertion_type | | | 401 | invalid_client | REQUEST_INVALID",
        "an empty assertion | client_assertion= | | | 401 | invalid_client | REQUEST_INVALID",
        "no assertion type | -client_assertion_type | | | 401 | invalid_client | REQUEST_INVALID",
        "another assertion type | client_assertion_type=urn:ietf:params:oauth:client-assertion-type:saml2-bearer | | | 401 | invalid_client | REQUEST_INVALID",
        "an assertion type in capitals | client_assertion_type=URN:ietf:params:oauth:client-assertion-type:jwt-bearer | | | 401 | invalid_client | REQUEST_INVALID",
        "two assertions | +client_assertion=x | | | 400 | invalid_request | REQUEST_INVALID",
        "two assertion types | +client_assertion_type=x | | | 400 | invalid_request | REQUEST_INVALID",
        "two client ids | +client_id=a +client_id=a | | | 400 | invalid_request | REQUEST_INVALID",
        "a secret beside it | +client_secret=x | | | 400 | invalid_request | REQUEST_INVALID",
        "Basic beside it | | | Basic YTpi | 400 | invalid_request | REQUEST_INVALID",
        "a secret instead | -client_assertion -client_assertion_type +client_id=a +client_secret=x | | | 401 | invalid_client | CLIENT_UNAUTHENTICATED",
        "Basic instead | -client_assertion -client_assertion_type | | Basic YTpi | 401 | invalid_client | CLIENT_UNAUTHENTICATED",
        "the assertion in Authorization | -client_assertion | | Bearer CREDENTIAL | 401 | invalid_client | REQUEST_INVALID",
        "the assertion in the query | -client_assertion | client_assertion=CREDENTIAL | | 400 | invalid_request | REQUEST_INVALID",
        "a secret in the query | | client_secret=x | | 400 | invalid_request | REQUEST_INVALID",
        "a name nobody knows in the query | | audience=payments-api&x=y | | 400 | invalid_request | REQUEST_INVALID",
        "a broken escape in the query | | audience=%e9 | | 400 | invalid_request | REQUEST_INVALID",
        "another target in the query | | audience=orders | | 400 | invalid_target | REQUEST_INVALID",
        "another client | +client_id=somebody | | | 401 | invalid_client | CLIENT_MISMATCH",
        "something else | client_assertion=something | | | 401 | invalid_client | CREDENTIAL_MALFORMED",
        "another audience | client_assertion=MISDIRECTED | | | 401 | invalid_client | AUDIENCE_MISMATCH",
        "a large assertion | client_assertion=LARGE | | | 401 | invalid_client | CREDENTIAL_TOO_LARGE",
        "an assertion of nobody | client_assertion=STRANGE | | | 400 | unauthorized_client | NO_RULE_MATCHED",
        "an unknown target | audience=nobody | | | 400 | invalid_target | TARGET_UNKNOWN",
        "a scope that is not granted | +scope=admin | | | 400 | invalid_scope | SCOPE_NOT_GRANTED",
      })
  void refuses_a_client_with_error_reason_and_header_challenge(
      String name,
      @Nullable String change,
      @Nullable String query,
      @Nullable String authorization,
      int status,
      String error,
      String reason) {
    Form form = clientOf(issuer.credential());
    if (change != null) {
      form.change(
          change
              .replace(
                  "MISDIRECTED",
                  issuer.credential(claims -> claims.put("aud", "https://x.example")))
              .replace("LARGE", issuer.credential(claims -> claims.put("pad", "x".repeat(20_000))))
              .replace("STRANGE", issuer.credential(claims -> claims.put("repository", "a/b"))));
    }
    Answer answer =
        client.post(
            form,
            request -> {
              if (query != null) {
                request.uri(
                    url.resolve("/token?" + query.replace("CREDENTIAL", issuer.credential())));
              }
              return authorization == null
                  ? request
                  : request.setHeader(
                      "Authorization", authorization.replace("CREDENTIAL", issuer.credential()));
            });

    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    assertThat(answer.members()).containsEntry("error", error).containsEntry("reason", reason);
    assertThat(answer.header("www-authenticate").isEmpty())
        .isEqualTo(authorization == null || status != 401);
    assertThat(answer.members()).doesNotContainKey("access_token");
  }

  @ParameterizedTest
  @ValueSource(strings = {"audience=payments-api", "audience=payments-api&audience=payments-api"})
  void takes_the_target_from_the_address_for_each_grant(String query) {
    for (Form form :
        List.of(
            exchangeOf(issuer.credential()),
            assertionOf(issuer.credential()),
            clientOf(issuer.credential()))) {
      assertThat(client.post(form.without("audience"), at("/token?" + query)).status())
          .isEqualTo(200);
    }
  }

  /** A gateway may ask again at once, and for each request that it gets. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "client_id=somebody",
        "client_assertion=something",
        "client_assertion=",
        "client_assertion=MISDIRECTED",
        "client_assertion=STRANGE",
        "client_assertion=UNKNOWN",
        "+client_secret=x",
        "+scope=admin",
        "audience=nobody",
        "-audience"
      })
  void asks_no_peer_for_a_client_that_repeats_what_is_refused(String change) {
    Form good = clientOf(issuer.credential()).set("audience", "sso");
    assertThat(client.post(good).status()).isEqualTo(200);
    Form bad =
        clientOf(issuer.credential())
            .set("audience", "sso")
            .change(
                change
                    .replace(
                        "MISDIRECTED",
                        issuer.credential(claims -> claims.put("aud", "https://x.example")))
                    .replace("STRANGE", issuer.credential(claims -> claims.put("repository", "a")))
                    .replace(
                        "UNKNOWN",
                        issuer.credential(claims -> claims.put("iss", "https://x.example"))));
    int keys = issuer.requests();
    int tokens = upstream.asked().size();

    for (int call = 0; call < 50; call++) {
      assertThat(client.post(bad).status()).isBetween(400, 499);
    }
    assertThat(issuer.requests()).isEqualTo(keys);
    assertThat(upstream.asked()).hasSize(tokens);
  }

  private UnaryOperator<HttpRequest.Builder> at(String address) {
    return request -> request.uri(url.resolve(address));
  }

  @Test
  void calls_an_assertion_that_is_not_accepted_an_invalid_grant() {
    assertThat(client.post(assertionOf("something")).members())
        .containsEntry("error", "invalid_grant")
        .containsEntry("reason", "CREDENTIAL_MALFORMED");
    assertThat(client.post(assertionOf("x").without("assertion")).members())
        .containsEntry("error", "invalid_request")
        .extractingByKey("error_description")
        .asString()
        .contains("assertion must");
  }

  @Test
  void challenges_a_client_that_authenticates_by_header() {
    Answer answer =
        client.post(
            exchangeOf(issuer.credential()),
            request -> request.setHeader("Authorization", "Basic YTpi"));

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("www-authenticate")).isEqualTo("Basic realm=\"token-broker\"");
    assertThat(answer.text("error")).isEqualTo("invalid_client");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/json", "text/plain", "multipart/form-data; boundary=x", FORM + "x"})
  void refuses_what_is_no_form(String type) {
    Answer answer =
        client.post(
            exchangeOf(issuer.credential()), request -> request.setHeader("Content-Type", type));

    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.header("accept-encoding")).isEmpty();
    assertThat(answer.text("error")).isEqualTo("invalid_request");
  }

  @Test
  void refuses_a_form_without_a_type() {
    byte[] form = exchangeOf(issuer.credential()).encoded().getBytes(StandardCharsets.US_ASCII);

    assertThat(client.send(client.request().POST(BodyPublishers.ofByteArray(form))).status())
        .isEqualTo(415);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "identity|gzip", "identity, gzip", "gzip|identity", ""})
  void refuses_a_form_that_is_compressed_however_it_says_so(String encodings) {
    Answer answer = client.post(new Form(), encoded(encodings));

    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.header("accept-encoding")).isEqualTo("identity");
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "Identity|identity", "identity, identity"})
  void takes_a_form_that_is_said_not_to_be_compressed(String encodings) {
    assertThat(client.post(exchangeOf(issuer.credential()), encoded(encodings)).status())
        .isEqualTo(200);
  }

  private static UnaryOperator<HttpRequest.Builder> encoded(String encodings) {
    return request -> {
      for (String encoding : encodings.split("\\|", -1)) {
        request.header("Content-Encoding", encoding);
      }
      return request;
    };
  }

  @Test
  void refuses_a_form_that_cannot_be_read() {
    Answer answer = client.post("grant_type=%zz".getBytes(StandardCharsets.US_ASCII));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.members())
        .containsEntry("error", "invalid_request")
        .containsEntry("reason", "REQUEST_INVALID");
  }

  @Test
  void refuses_a_form_with_too_many_parameters_and_names_the_limit() {
    Answer answer = client.post("resource=^&".repeat(2_970).getBytes(StandardCharsets.US_ASCII));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.members())
        .containsEntry("error", "invalid_request")
        .containsEntry("reason", "REQUEST_INVALID")
        .doesNotContainKey("verdict_id");
    assertThat(answer.text("error_description")).endsWith("must have at most 64 parameters.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"})
  void takes_no_other_method(String method) {
    Answer answer = client.send(client.request().method(method, BodyPublishers.noBody()));

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("allow")).isEqualTo("POST");
  }

  @Test
  void says_nothing_to_scripts_of_other_origins() {
    Answer preflight =
        client.send(
            client
                .request()
                .setHeader("Origin", "https://evil.example")
                .setHeader("Access-Control-Request-Method", "POST")
                .method("OPTIONS", BodyPublishers.noBody()));
    Answer answer =
        client.post(
            exchangeOf(issuer.credential()),
            request -> request.setHeader("Origin", "https://evil.example"));

    assertThat(preflight.headers().keySet()).noneMatch(name -> name.startsWith("access-control"));
    assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("access-control"));
  }

  @Test
  void takes_a_body_of_48_kib_and_none_that_is_larger() {
    String form = exchangeOf(issuer.credential()).encoded() + "&padding=";

    byte[] largest = padded(form, 48 * 1024);
    Answer taken = client.post(largest);
    Answer refused = client.post(padded(form, 48 * 1024 + 1));
    Answer undeclared =
        client.send(
            client
                .request()
                .setHeader("Content-Type", FORM)
                .POST(BodyPublishers.ofByteArrays(List.of(largest, new byte[] {'x'}))));

    assertThat(taken.status()).isEqualTo(200);
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.text("error")).isEqualTo("invalid_request");
    assertThat(undeclared.status()).isEqualTo(413);
  }

  @Test
  void refuses_a_form_in_the_query() {
    Map<String, Object> members =
        client
            .send(
                client
                    .request()
                    .uri(url.resolve("/token?" + exchangeOf(issuer.credential()).encoded()))
                    .setHeader("Content-Type", FORM)
                    .POST(BodyPublishers.noBody()))
            .members();

    assertThat(members).containsEntry("error", "invalid_request");
  }

  private static byte[] padded(String form, int bytes) {
    return (form + "x".repeat(bytes - form.length())).getBytes(StandardCharsets.US_ASCII);
  }
}
