package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.Verdict;
import dev.tokenbroker.v1.VerdictStep;
import io.grpc.Status.Code;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What this broker was founded for: each way in which federation fails, told apart, and alike
 * through each edge, over real connections.
 */
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FoundingTriggersLiveTest {

  private static final String COOLING_DOWN = "KEY_REFETCH_COOLING_DOWN";

  private static final String NEVER = "-1";
  private static final String LATER = "later";
  private static final String BAD_CREDENTIAL = "400 invalid_request";
  private static final String NOT_NOW = "503 temporarily_unavailable";
  private static final String NO_PEER = "http://127.0.0.1:1";

  @Inject Federations federations;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final FakeIssuer ahead = FakeIssuer.start();
  @AutoClose private final FakeIssuer renamed = FakeIssuer.start();
  @AutoClose private final FakeIssuer stranger = FakeIssuer.start();
  @AutoClose private final FakeIssuer untrusted = FakeIssuer.startTls();
  @AutoClose private final FakeIssuer single = FakeIssuer.start();
  @AutoClose private BrokerClient client;
  @AutoClose private TokenClient httpClient;
  private String operatorToken;

  @BeforeAll
  void start() {
    ahead.clockOffset(Duration.ofMinutes(10));
    renamed.discoveryNames("https://elsewhere.example");
    new TestFederation()
        .issuer("good", issuer.issuer())
        .issuer("ahead", ahead.issuer())
        .issuer("renamed", renamed.issuer())
        .issuer("untrusted", untrusted.issuer())
        .issuer("unreachable", NO_PEER)
        .onceOnly("single", single.issuer())
        .rule("operators", "good", "token-broker", "claims.sub == 'operator'")
        .load(federations);
    client = BrokerClient.plaintext(GrpcPort.current());
    httpClient = new TokenClient(url, HttpClient.Version.HTTP_1_1);
    ExchangeTokenRequest operator = claiming("sub", "operator").setAudience("token-broker").build();
    operatorToken = client.accessToken(operator);
  }

  interface Request extends Function<FoundingTriggersLiveTest, ExchangeTokenRequest.Builder> {}

  /** One way to fail, and what the caller is to learn of it. */
  record Trigger(
      String name,
      Request request,
      String reason,
      Code code,
      String httpStatus,
      String pushback,
      Step step) {

    @Override
    public String toString() {
      return name;
    }
  }

  /** A credential that no edge takes. */
  private static Trigger unacceptable(String name, String reason, Step step, Request request) {
    return new Trigger(name, request, reason, Code.UNAUTHENTICATED, BAD_CREDENTIAL, NEVER, step);
  }

  /** Keys that cannot be had now. */
  private static Trigger notNow(String name, String reason, Request request) {
    return new Trigger(name, request, reason, Code.UNAVAILABLE, NOT_NOW, LATER, Step.KEY);
  }

  /** An identity that may not have what it asks for. */
  private static Trigger denied(
      String name, String reason, String error, Step step, Request request) {
    return new Trigger(name, request, reason, Code.PERMISSION_DENIED, "400 " + error, NEVER, step);
  }

  static List<Trigger> triggers() {
    long now = Instant.now().getEpochSecond();
    return List.of(
        unacceptable(
            "issuer off by a trailing slash",
            "ISSUER_NEAR_MISS",
            Step.ISSUER,
            test -> test.claiming("iss", test.issuer.issuer() + "/")),
        unacceptable(
            "unknown issuer",
            "ISSUER_UNKNOWN",
            Step.ISSUER,
            test -> test.claiming("iss", "https://nobody.example")),
        unacceptable(
            "expired", "CREDENTIAL_EXPIRED", Step.TIME, test -> test.claiming("exp", now - 3_600)),
        unacceptable(
            "not yet valid beyond leeway",
            "CREDENTIAL_NOT_YET_VALID",
            Step.TIME,
            test -> request(test.ahead.credential(claims -> claims.put("nbf", now + 600)))),
        unacceptable(
            "malformed", "CREDENTIAL_MALFORMED", Step.FORMAT, _ -> request("ey.not-a-jwt")),
        unacceptable(
            "exchanged before, by an issuer whose may be once only",
            "CREDENTIAL_ALREADY_USED",
            Step.ONCE,
            FoundingTriggersLiveTest::exchangedBefore),
        unacceptable(
            "wrong audience",
            "AUDIENCE_MISMATCH",
            Step.AUDIENCE,
            test -> test.claiming("aud", "https://other.example")),
        unacceptable(
            "signature by an unknown key",
            "KEY_UNKNOWN",
            Step.KEY,
            test ->
                request(
                    test.stranger.credential(
                        header -> header.put("kid", "no-such-key"),
                        claims -> claims.put("iss", test.issuer.issuer())))),
        new Trigger(
            "discovery document naming another issuer",
            test -> request(test.renamed.credential()),
            "DISCOVERY_ISSUER_MISMATCH",
            Code.FAILED_PRECONDITION,
            BAD_CREDENTIAL,
            NEVER,
            Step.KEY),
        notNow(
            "untrusted TLS root at the issuer",
            "ISSUER_TLS_UNTRUSTED",
            test -> request(test.untrusted.credential())),
        notNow("keys unreachable", "KEYS_UNREACHABLE", test -> test.claiming("iss", NO_PEER)),
        denied(
            "identity that no rule admits",
            "NO_RULE_MATCHED",
            "unauthorized_client",
            Step.RULE,
            test -> test.claiming("repository", "evil/fork")),
        denied(
            "scope not granted",
            "SCOPE_NOT_GRANTED",
            "invalid_scope",
            Step.SCOPES,
            test -> request(test.issuer.credential()).addScopes("read").addScopes("admin")),
        denied(
            "target unknown",
            "TARGET_UNKNOWN",
            "invalid_target",
            Step.TARGET,
            test -> request(test.issuer.credential()).setAudience("no-such-target")));
  }

  private ExchangeTokenRequest.Builder claiming(String claim, Object value) {
    return request(issuer.credential(claims -> claims.put(claim, value)));
  }

  /** How an exchange ended, whichever the edge. */
  record Ending(
      String reason, String status, boolean hasVerdict, int detailBytes, String pushback) {

    static Ending of(Answer answer) {
      boolean later = !answer.pushback().isEmpty() && !answer.pushback().equals(NEVER);
      assertThat(answer.retryInfo()).isEqualTo(later);
      return new Ending(
          answer.reason(),
          answer.code().name(),
          answer.facts().containsKey("verdict_id"),
          answer.detailBytes(),
          answer.pushback());
    }

    static Ending of(TokenClient.Answer answer) {
      String seconds = answer.header("retry-after");
      return new Ending(
          answer.text("reason"),
          answer.status() + " " + answer.text("error"),
          !answer.text("verdict_id").isEmpty(),
          answer.members().toString().length(),
          seconds.isEmpty() ? NEVER : seconds + "000");
    }
  }

  @ParameterizedTest
  @MethodSource("triggers")
  void refuses_a_credential_for_the_same_reason_through_each_edge(Trigger trigger) {
    ExchangeTokenRequest request = trigger.request().apply(this).build();

    Ending grpc = patiently(() -> Ending.of(client.exchange(request)));
    Ending http = patiently(() -> Ending.of(httpClient.post(form(request))));

    assertThat(grpc.status()).isEqualTo(trigger.code().name());
    assertThat(http.status()).isEqualTo(trigger.httpStatus());
    for (Ending ending : List.of(grpc, http)) {
      assertThat(ending.reason()).isEqualTo(trigger.reason());
      assertThat(ending.hasVerdict()).isTrue();
      assertThat(ending.detailBytes()).isLessThan(3_000);
      if (trigger.pushback().equals(LATER)) {
        assertThat(Long.parseLong(ending.pushback())).isPositive();
      } else {
        assertThat(ending.pushback()).isEqualTo(NEVER);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("triggers")
  void explains_with_the_same_reason_and_step(Trigger trigger) {
    ExchangeTokenRequest request = trigger.request().apply(this).build();
    patiently(() -> Ending.of(client.exchange(request)));
    Verdict verdict =
        Eventually.see(
            () -> client.explainAsOperator(request, operatorToken),
            explained -> !explained.getReason().equals(COOLING_DOWN));

    assertThat(verdict.getOutcome()).isEqualTo(Outcome.OUTCOME_REFUSED);
    assertThat(verdict.getReason()).isEqualTo(trigger.reason());
    assertThat(verdict.getRemedy()).isNotEmpty();
    assertThat(verdict.getStepsList())
        .filteredOn(step -> step.getResult() == StepResult.STEP_RESULT_FAILED)
        .extracting(VerdictStep::getName)
        .containsExactly(trigger.step().label());
  }

  @Test
  void names_the_measured_offset_where_a_time_check_fails() {
    long now = Instant.now().getEpochSecond();

    Answer answer =
        client.exchange(request(ahead.credential(claims -> claims.put("nbf", now + 600))).build());

    assertThat(answer.facts().toString())
        .contains("ahead of this broker's")
        .containsPattern("\\b(599|600|601)(\\.\\d+)? s");
  }

  @Test
  void shows_only_reason_and_id_without_a_verified_credential() {
    Answer answer = client.exchange(claiming("iss", issuer.issuer() + "/").build());

    assertThat(answer.facts()).containsOnlyKeys("verdict_id");
  }

  @Test
  void shows_the_step_and_own_claims_with_a_verified_credential() {
    Answer answer = client.exchange(claiming("aud", "https://other.example").build());

    assertThat(answer.facts())
        .containsEntry("step", "audience")
        .containsEntry("expected", FakeIssuer.AUDIENCE)
        .containsEntry("seen", "https://other.example");
  }

  @Test
  void opens_a_verdict_by_its_id_to_operators_only() {
    String id = client.exchange(request("ey.not-a-jwt").build()).facts().get("verdict_id");

    io.restassured.RestAssured.given().get("/verdicts/" + id).then().statusCode(401);
    io.restassured.RestAssured.given()
        .header("Authorization", "Bearer " + operatorToken)
        .get("/verdicts/" + id)
        .then()
        .statusCode(200)
        .body("reason", org.hamcrest.Matchers.equalTo("CREDENTIAL_MALFORMED"))
        .body("steps.find { it.name == 'format' }.result", org.hamcrest.Matchers.equalTo("failed"));
  }

  @Test
  void one_concurrent_caller_of_both_edges_gets_the_once_only_token() throws Exception {
    ExchangeTokenRequest request = request(unused()).build();
    patiently(() -> Ending.of(client.exchange(request(unused()).build())));
    Latch together = new Latch(1);
    List<Future<String>> endings = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < 20; at++) {
        Callable<String> grpc = () -> client.exchange(request).reason();
        Callable<String> http = () -> httpClient.post(form(request)).text("reason");
        Callable<String> edge = at % 2 == 0 ? grpc : http;
        endings.add(
            callers.submit(
                () -> {
                  together.await();
                  return edge.call();
                }));
      }
      together.countDown();
    }

    assertThat(endings.stream().map(Future::resultNow))
        .filteredOn(reason -> !reason.equals("CREDENTIAL_ALREADY_USED"))
        .containsExactly("");
  }

  private ExchangeTokenRequest.Builder exchangedBefore() {
    ExchangeTokenRequest.Builder request = request(unused());
    patiently(() -> Ending.of(client.exchange(request.build())));
    return request;
  }

  private String unused() {
    return single.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
  }

  @Test
  void issues_a_token_where_nothing_is_wrong() {
    Answer answer = client.exchange(request(issuer.credential()).build());

    var token = answer.granted();
    assertThat(token.getTokenType()).isEqualTo("Bearer");
    assertThat(token.getIssuedTokenType())
        .isEqualTo("urn:ietf:params:oauth:token-type:access_token");
    assertThat(token.getScopesList()).containsExactly("deploy", "read");
    assertThat(token.getRefreshTime().getSeconds()).isLessThan(token.getExpireTime().getSeconds());
  }

  // The key is asked for at most once in a cool-down: who comes too early is told when to come
  // back, and comes back.
  private static Ending patiently(Supplier<Ending> exchange) {
    Ending ending = exchange.get();
    // On a slow machine the next cool-down may have begun when the caller is back.
    for (int again = 0; again < 20 && ending.reason().equals(COOLING_DOWN); again++) {
      ending = Patience.after(Duration.ofMillis(Long.parseLong(ending.pushback())), exchange);
    }
    return ending;
  }

  private static TokenClient.Form form(ExchangeTokenRequest request) {
    TokenClient.Form form =
        TokenClient.exchangeOf(request.getSubjectToken()).set("audience", request.getAudience());
    return request.getScopesCount() == 0
        ? form
        : form.add("scope", String.join(" ", request.getScopesList()));
  }

  private static ExchangeTokenRequest.Builder request(String credential) {
    return BrokerClient.exchangeOf(credential).toBuilder();
  }
}
