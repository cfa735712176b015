package dev.tokenbroker.edges.edge;

import static dev.tokenbroker.edges.http.token.TokenClient.exchangeOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.GrpcPort;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.evaluate.exchange.Verdicts;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc.TokenBrokerBlockingStub;
import dev.tokenbroker.v1.VerdictStep;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tokens that are bound to the key of their holder (RFC 9449), asked for through each edge. */
@Tag("store")
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BoundTokensLiveTest {

  private static final String METHOD = "/tokenbroker.v1.TokenBroker/ExchangeToken";
  private static final TestKey KEY = TestKey.generate("holder", SigningAlgorithm.ES256);
  private static final TestKey OTHER = TestKey.generate("other", SigningAlgorithm.ES256);

  @Inject Federations federations;
  @Inject Verdicts verdicts;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private TokenClient http;
  @AutoClose private BrokerClient grpc;

  /** What came of a request, through either edge. */
  record Answer(
      String token, String tokenType, String error, String reason, String seen, String verdictId) {

    Map<String, Object> confirmation() throws ParseException {
      return Objects.requireNonNullElse(
          SignedJWT.parse(token).getJWTClaimsSet().getJSONObjectClaim("cnf"), Map.of());
    }
  }

  enum Edge {
    HTTP,
    GRPC
  }

  @BeforeAll
  void start() {
    String always = "claims.repository == 'acme/payments'";
    new TestFederation()
        .issuer("good", issuer.issuer())
        .bound("only-dpop", "dpop")
        .bound("only-certificate", "certificate")
        .bound("only-bound", "any")
        .rule("dpop", "good", "only-dpop", always)
        .rule("certificate", "good", "only-certificate", always)
        .rule("bound", "good", "only-bound", always)
        .rule("operators", "good", "token-broker", always, "operate, introspect")
        .load(federations);
    http = new TokenClient(url, HttpClient.Version.HTTP_1_1);
    grpc = BrokerClient.plaintext(GrpcPort.current());
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void binds_a_token_to_the_key_of_the_proof(Edge edge) throws Exception {
    Answer answer = ask(edge, "payments-api", issuer.credential(), proof(edge, KEY));

    assertThat(answer.tokenType()).as("%s", answer).isEqualTo("DPoP");
    assertThat(answer.confirmation()).isEqualTo(Map.of("jkt", TestProof.thumbprint(KEY)));
    assertThat(finding(answer, Step.PROOF).seen()).contains(TestProof.thumbprint(KEY));
    assertThat(finding(answer, Step.BINDING).seen()).contains(TestProof.thumbprint(KEY));
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void binds_nothing_for_a_caller_without_a_proof(Edge edge) throws Exception {
    Answer answer = ask(edge, "payments-api", issuer.credential(), List.of());

    assertThat(answer.tokenType()).isEqualTo("Bearer");
    assertThat(answer.confirmation()).isEmpty();
    assertThat(finding(answer, Step.PROOF).result()).isEqualTo(Result.SKIPPED);
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void gives_a_held_token_to_the_holder_of_its_key_alone(Edge edge) throws Exception {
    String credential = issuer.credential();
    Answer bearer = ask(edge, "payments-api", credential, List.of());
    Answer first = ask(edge, "payments-api", credential, proof(edge, KEY));
    Answer other = ask(edge, "payments-api", credential, proof(edge, OTHER));
    Answer again = ask(edge, "payments-api", credential, proof(edge, KEY));

    assertThat(again.token()).isEqualTo(first.token());
    assertThat(finding(again, Step.CACHE).result()).isEqualTo(Result.PASSED);
    assertThat(finding(again, Step.PROOF).result()).isEqualTo(Result.PASSED);
    assertThat(other.token()).isNotEqualTo(first.token());
    assertThat(other.confirmation()).isEqualTo(Map.of("jkt", TestProof.thumbprint(OTHER)));
    assertThat(bearer.token()).isNotIn(first.token(), other.token());
    assertThat(ask(edge, "payments-api", credential, List.of()).token()).isEqualTo(bearer.token());
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void exchanges_a_bound_credential_only_for_the_holder_of_its_key(Edge edge) throws Exception {
    String credential =
        issuer.credential(claims -> claims.put("cnf", Map.of("jkt", TestProof.thumbprint(KEY))));
    Answer held = ask(edge, "payments-api", credential, proof(edge, KEY));
    assertThat(held.confirmation()).isEqualTo(Map.of("jkt", TestProof.thumbprint(KEY)));

    assertThat(ask(edge, "payments-api", credential, proof(edge, OTHER)).reason())
        .isEqualTo("CREDENTIAL_KEY_NOT_PROVED");
    assertThat(ask(edge, "payments-api", credential, List.of()).reason())
        .isEqualTo("CREDENTIAL_KEY_NOT_PROVED");
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void takes_a_proof_once_though_the_token_is_held(Edge edge) {
    String credential = issuer.credential();
    String proof = proof(edge, KEY).signed();
    assertThat(ask(edge, "payments-api", credential, List.of(proof)).tokenType()).isEqualTo("DPoP");

    Answer again = ask(edge, "payments-api", credential, List.of(proof));

    assertThat(again.reason()).isEqualTo("DPOP_PROOF_REPLAYED");
    assertThat(again.error()).isIn("UNAUTHENTICATED", "400 invalid_dpop_proof");
    assertThat(verdicts.find(again.verdictId()).map(Verdict::accepted)).contains(false);
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void shows_anybody_what_is_wrong_with_its_own_proof(Edge edge) {
    TestProof proof = proof(edge, KEY).claim("htu", "https://elsewhere.example/token");

    Answer answer = ask(edge, "payments-api", "no credential", proof);

    assertThat(answer.reason()).isEqualTo("DPOP_PROOF_MISDIRECTED");
    assertThat(answer.seen()).isEqualTo("htu https://elsewhere.example/token");
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void refuses_two_headers_and_what_is_no_proof(Edge edge) {
    String credential = issuer.credential();
    List<String> two = List.of(proof(edge, KEY).signed(), proof(edge, KEY).signed());

    for (List<String> values : List.of(two, List.of("no proof"), List.of(credential))) {
      Answer answer = ask(edge, "payments-api", credential, values);
      assertThat(answer.reason()).isEqualTo("DPOP_PROOF_INVALID");
      assertThat(answer.error()).isIn("UNAUTHENTICATED", "400 invalid_dpop_proof");
    }
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void takes_a_proof_for_our_issuer_where_a_proxy_stands_before_us(Edge edge) {
    String path = edge == Edge.HTTP ? "/token" : METHOD;
    TestProof proof = TestProof.of(KEY, "POST", "https://broker.test" + path, Instant.now());

    assertThat(ask(edge, "payments-api", issuer.credential(), proof).tokenType()).isEqualTo("DPoP");
  }

  @Test
  void takes_no_proof_of_the_other_edge() {
    Answer answer = ask(Edge.HTTP, "payments-api", issuer.credential(), proof(Edge.GRPC, KEY));

    assertThat(answer.reason()).isEqualTo("DPOP_PROOF_MISDIRECTED");
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP, only-dpop, DPOP_PROOF_REQUIRED",
    "GRPC, only-dpop, DPOP_PROOF_REQUIRED",
    "HTTP, only-bound, DPOP_PROOF_REQUIRED",
    "GRPC, only-bound, DPOP_PROOF_REQUIRED",
    "HTTP, only-certificate, CERTIFICATE_REQUIRED",
    "GRPC, only-certificate, CERTIFICATE_REQUIRED",
  })
  void refuses_a_caller_without_a_key_where_the_target_demands_one(
      Edge edge, String audience, String reason) {
    Answer answer = ask(edge, audience, issuer.credential(), List.of());

    assertThat(answer.reason()).isEqualTo(reason);
    assertThat(answer.error()).isIn("UNAUTHENTICATED", "400 invalid_request");
    assertThat(finding(answer, Step.BINDING).result()).isEqualTo(Result.FAILED);
  }

  @ParameterizedTest
  @CsvSource({"HTTP, only-dpop", "GRPC, only-dpop", "HTTP, only-bound", "GRPC, only-bound"})
  void binds_where_the_target_demands_it(Edge edge, String audience) {
    assertThat(ask(edge, audience, issuer.credential(), proof(edge, KEY)).tokenType())
        .isEqualTo("DPoP");
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void takes_no_proof_for_a_certificate(Edge edge) {
    Answer answer = ask(edge, "only-certificate", issuer.credential(), proof(edge, KEY));

    assertThat(answer.reason()).isEqualTo("CERTIFICATE_REQUIRED");
    assertThat(finding(answer, Step.PROOF).result()).isEqualTo(Result.PASSED);
  }

  @Test
  void explains_what_would_come_of_a_proof_and_does_not_take_it() {
    ExchangeTokenRequest request = request("only-dpop", issuer.credential());
    String uri = grpcUri("/tokenbroker.v1.TokenBroker/ExplainExchange");
    String proof = TestProof.of(KEY, "POST", uri, Instant.now()).signed();

    for (int at = 0; at < 2; at++) {
      var verdict =
          grpc.with("dpop", List.of(proof))
              .explainExchange(ExplainExchangeRequest.newBuilder().setExchange(request).build());
      assertThat(verdict.getReason()).isEmpty();
      assertThat(verdict.getStepsList())
          .anySatisfy(
              step -> {
                assertThat(step.getName()).isEqualTo("binding");
                assertThat(step.getSeen()).contains(TestProof.thumbprint(KEY));
              });
    }
    assertThat(grpc.explain(request).getReason()).isEqualTo("DPOP_PROOF_REQUIRED");
  }

  @Test
  void opens_nothing_to_who_merely_holds_a_bound_token() throws Exception {
    Answer bound = ask(Edge.HTTP, "token-broker", issuer.credential(), proof(Edge.HTTP, KEY));
    Answer bearer = ask(Edge.HTTP, "token-broker", issuer.credential(), List.of());

    String id = bearer.verdictId();
    assertThat(verdict(id, "Bearer " + bearer.token(), "")).startsWith("200 ");
    assertThat(verdict(id, "Bearer " + bound.token(), ""))
        .startsWith("401 Bearer ")
        .contains("invalid_token");
    assertThat(verdict(id, "DPoP " + bound.token(), ""))
        .startsWith("401 DPoP ")
        .contains("invalid_token", "ES256");
    assertThat(verdict(id, "DPoP " + bearer.token(), reading(id, bearer.token()).signed()))
        .startsWith("401 DPoP ");
  }

  @Test
  void opens_verdicts_to_who_proves_to_hold_the_key_of_its_token() throws Exception {
    Answer bound = ask(Edge.HTTP, "token-broker", issuer.credential(), proof(Edge.HTTP, KEY));
    String id = bound.verdictId();
    String header = "DPoP " + bound.token();
    String proof = reading(id, bound.token()).signed();

    assertThat(verdict(id, header, proof)).startsWith("200 ");
    assertThat(verdict(id, header, proof))
        .startsWith("401 DPoP ")
        .contains("error=\"invalid_dpop_proof\"");
    for (TestProof misdirected :
        List.of(reading(id, bound.token()).without("ath"), reading(id, bound.token() + "x"))) {
      assertThat(verdict(id, header, misdirected.signed()))
          .startsWith("401 DPoP ")
          .contains("error=\"invalid_dpop_proof\"");
    }
    assertThat(
            verdict(
                id,
                header,
                TestProof.of(OTHER, "GET", url.resolve("/verdicts/" + id).toString(), Instant.now())
                    .forToken(bound.token())
                    .signed()))
        .contains("invalid_token");
  }

  @Test
  void explains_all_of_it_to_an_operator_whose_token_is_bound() {
    Answer bound = ask(Edge.GRPC, "token-broker", issuer.credential(), proof(Edge.GRPC, KEY));
    String uri = grpcUri("/tokenbroker.v1.TokenBroker/ExplainExchange");
    String authorization = "DPoP " + bound.token();
    ExplainExchangeRequest request =
        ExplainExchangeRequest.newBuilder().setExchange(request("payments-api", "none")).build();

    String proof = TestProof.of(KEY, "POST", uri, Instant.now()).forToken(bound.token()).signed();
    TokenBrokerBlockingStub bearer = grpc.with("authorization", List.of(authorization));
    TokenBrokerBlockingStub operator =
        bearer.withInterceptors(BrokerClient.header("dpop", List.of(proof)));

    assertThat(operator.explainExchange(request).getStepsList()).isNotEmpty();
    assertThat(bearer.explainExchange(request).getStepsList())
        .extracting(VerdictStep::getName)
        .containsExactly("format");
  }

  @Test
  void introspects_for_who_proves_to_hold_the_key_of_its_token() throws Exception {
    Answer bound = ask(Edge.HTTP, "token-broker", issuer.credential(), proof(Edge.HTTP, KEY));
    String proof =
        TestProof.of(KEY, "POST", url.resolve("/introspect").toString(), Instant.now())
            .forToken(bound.token())
            .signed();

    HttpResponse<String> told = introspect(bound.token(), proof);
    assertThat(told.statusCode()).as(told.body()).isEqualTo(200);
    assertThat(told.body())
        .contains("\"active\":true", "\"token_type\":\"DPoP\"", TestProof.thumbprint(KEY));

    HttpResponse<String> replayed = introspect(bound.token(), proof);
    assertThat(replayed.statusCode()).isEqualTo(401);
    assertThat(replayed.body()).contains("\"error\":\"invalid_dpop_proof\"");
    assertThat(Http.header(replayed, "www-authenticate"))
        .startsWith(
            "DPoP realm=\"token-broker\", error=\"invalid_dpop_proof\", error_description=\"DPOP_PROOF_");
  }

  @ParameterizedTest
  @EnumSource(Edge.class)
  void revokes_a_bound_token_for_who_proves_to_hold_its_key(Edge edge) {
    String token = ask(edge, "payments-api", issuer.credential(), proof(edge, KEY)).token();

    assertThat(revoke(edge, token, revoking(edge, OTHER, token)))
        .isEqualTo("CALLER_UNAUTHENTICATED");
    assertThat(revoke(edge, token, revoking(edge, KEY, token).without("ath")))
        .isEqualTo("DPOP_PROOF_INVALID");
    assertThat(revoke(edge, token, revoking(edge, KEY, token))).isEqualTo("revoked");
    assertThat(revoke(edge, token, revoking(edge, KEY, token))).isEqualTo("CALLER_UNAUTHENTICATED");
  }

  private TestProof revoking(Edge edge, TestKey key, String token) {
    String uri =
        edge == Edge.HTTP
            ? url.resolve("/revoke").toString()
            : grpcUri("/tokenbroker.v1.TokenBroker/RevokeToken");
    return TestProof.of(key, "POST", uri, Instant.now()).forToken(token);
  }

  /** The reason of the refusal, or "revoked". */
  private String revoke(Edge edge, String token, TestProof proof) {
    if (edge == Edge.HTTP) {
      HttpResponse<String> answer = lifecycle("/revoke", token, proof.signed());
      return answer.statusCode() == 200
          ? "revoked"
          : answer.body().replaceAll("(?s).*\"reason\":\"([A-Z_]+)\".*", "$1");
    }
    try {
      grpc.with("authorization", List.of("DPoP " + token))
          .withInterceptors(BrokerClient.header("dpop", List.of(proof.signed())))
          .revokeToken(RevokeTokenRequest.newBuilder().setToken(token).build());
      return "revoked";
    } catch (StatusRuntimeException refused) {
      return BrokerClient.refused(refused).reason();
    }
  }

  private HttpResponse<String> introspect(String token, String proof) {
    return lifecycle("/introspect", token, proof);
  }

  private HttpResponse<String> lifecycle(String path, String token, String proof) {
    return Http.post(
        url.resolve(path), "token=" + token, "Authorization", "DPoP " + token, "DPoP", proof);
  }

  private TestProof reading(String id, String token) {
    String uri = url.resolve("/verdicts/" + id).toString();
    return TestProof.of(KEY, "GET", uri, Instant.now()).forToken(token);
  }

  /** The status, and the challenge where there is one. */
  private String verdict(String id, String authorization, String proof) {
    URI verdict = url.resolve("/verdicts/" + id);
    HttpResponse<String> answer =
        proof.isEmpty()
            ? Http.get(verdict, "Authorization", authorization)
            : Http.get(verdict, "Authorization", authorization, "DPoP", proof);
    return answer.statusCode() + " " + Http.header(answer, "www-authenticate");
  }

  private TestProof proof(Edge edge, TestKey key) {
    String uri = edge == Edge.HTTP ? url.resolve("/token").toString() : grpcUri(METHOD);
    return TestProof.of(key, "POST", uri, Instant.now());
  }

  private static String grpcUri(String path) {
    return "http://localhost:" + GrpcPort.current() + path;
  }

  private Answer ask(Edge edge, String audience, String credential, TestProof proof) {
    return ask(edge, audience, credential, List.of(proof.signed()));
  }

  private Answer ask(Edge edge, String audience, String credential, List<String> proofs) {
    return edge == Edge.HTTP
        ? overHttp(audience, credential, proofs)
        : overGrpc(audience, credential, proofs);
  }

  private Answer overHttp(String audience, String credential, List<String> proofs) {
    TokenClient.Answer answer =
        http.post(
            exchangeOf(credential).set("audience", audience),
            request -> {
              proofs.forEach(proof -> request.header("DPoP", proof));
              return request;
            });
    Object seen =
        answer.members().get("details") instanceof Map<?, ?> details ? details.get("seen") : "";
    return new Answer(
        answer.text("access_token"),
        answer.text("token_type"),
        answer.status() + " " + answer.text("error"),
        answer.text("reason"),
        Objects.toString(seen, ""),
        answer.text("verdict_id"));
  }

  private Answer overGrpc(String audience, String credential, List<String> proofs) {
    BrokerClient.Answer answer = grpc.exchange(request(audience, credential), "dpop", proofs);
    ExchangeTokenResponse token = answer.token();
    Code code = answer.code();
    return new Answer(
        token == null ? "" : token.getAccessToken(),
        token == null ? "" : token.getTokenType(),
        code.name(),
        answer.reason(),
        answer.facts().getOrDefault("seen", ""),
        token == null ? answer.facts().getOrDefault("verdict_id", "") : token.getVerdictId());
  }

  private static ExchangeTokenRequest request(String audience, String credential) {
    return BrokerClient.exchangeOf(audience, credential);
  }

  private Finding finding(Answer answer, Step step) {
    return verdicts.find(answer.verdictId()).orElseThrow().steps().stream()
        .filter(finding -> finding.step() == step)
        .findFirst()
        .orElseThrow();
  }
}
