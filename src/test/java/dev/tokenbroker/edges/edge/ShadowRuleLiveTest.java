package dev.tokenbroker.edges.edge;

import static dev.tokenbroker.edges.http.token.TokenClient.exchangeOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.GrpcPort;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.evaluate.exchange.Verdicts;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.ShadowRule;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Shadow rules of a running broker, through each edge. */
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShadowRuleLiveTest {

  private static final ShadowFinding WIDE = new ShadowFinding("wide", null);
  private static final ShadowFinding NARROW =
      new ShadowFinding("narrow", RefusalReason.SCOPE_NOT_GRANTED);

  @Inject Federations federations;
  @Inject Verdicts verdicts;
  @Inject MeterRegistry registry;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private TokenClient http;
  @AutoClose private BrokerClient grpc;
  private String operatorToken;

  @BeforeAll
  void start() {
    new TestFederation()
        .shadow("wide", "good", "payments-api", "true", "deploy, read")
        .shadow("narrow", "good", "payments-api", "claims.sub != 'nobody'", "read")
        .shadow("never", "good", "payments-api", "claims.sub == 'nobody'", "deploy, read")
        .issuer("good", issuer.issuer())
        .rule("operators", "good", "token-broker", "claims.sub == 'operator'")
        .load(federations);
    http = new TokenClient(url, HttpClient.Version.HTTP_1_1);
    grpc = BrokerClient.plaintext(GrpcPort.current());
    ExchangeTokenRequest operator =
        BrokerClient.exchangeOf(
            "token-broker", issuer.credential(claims -> claims.put("sub", "operator")));
    operatorToken = grpc.accessToken(operator);
  }

  @Test
  void decides_nothing_and_counts_exchanges_with_held_tokens_too() {
    double wide = count("wide", "accepted");
    double narrow = count("narrow", "SCOPE_NOT_GRANTED");
    String credential = issuer.credential();

    var made = grpc.exchange(request(credential)).granted();
    var held = grpc.exchange(request(credential)).granted();
    TokenClient.Answer over = http.post(exchangeOf(credential).add("scope", "deploy read"));

    assertThat(made.getScopesList()).containsExactly("deploy", "read");
    assertThat(held.getAccessToken()).isEqualTo(made.getAccessToken());
    assertThat(over.text("access_token")).isEqualTo(made.getAccessToken());
    for (String id : List.of(made.getVerdictId(), held.getVerdictId(), over.text("verdict_id"))) {
      Verdict verdict = verdicts.find(id).orElseThrow();
      assertThat(verdict.rule()).isEqualTo("good-pays");
      assertThat(verdict.shadowRules()).containsExactly(WIDE, NARROW);
    }
    assertThat(count("wide", "accepted")).isEqualTo(wide + 3);
    assertThat(count("narrow", "SCOPE_NOT_GRANTED")).isEqualTo(narrow + 3);
  }

  @Test
  void shows_it_to_operators_alone() {
    double wide = count("wide", "accepted");
    ExchangeTokenRequest request = request(issuer.credential());

    dev.tokenbroker.v1.Verdict whole = grpc.explainAsOperator(request, operatorToken);

    assertThat(whole.getOutcome()).isEqualTo(Outcome.OUTCOME_ACCEPTED);
    assertThat(whole.getShadowRulesList())
        .containsExactly(
            ShadowRule.newBuilder().setRule("wide").setOutcome(Outcome.OUTCOME_ACCEPTED).build(),
            ShadowRule.newBuilder()
                .setRule("narrow")
                .setOutcome(Outcome.OUTCOME_REFUSED)
                .setReason("SCOPE_NOT_GRANTED")
                .build());
    assertThat(whole.getHintsList()).contains("shadow rule never does not hold");
    assertThat(grpc.explain(request).toString()).doesNotContain("wide", "narrow", "shadow");
    assertThat(count("wide", "accepted")).isEqualTo(wide);
  }

  @Test
  void shows_it_in_the_verdict_over_http_and_not_in_the_refusal() {
    TokenClient.Answer refused =
        http.post(
            exchangeOf(issuer.credential(claims -> claims.put("repository", "mallory/payments")))
                .add("scope", "deploy"));

    assertThat(refused.text("reason")).isEqualTo("NO_RULE_MATCHED");
    assertThat(refused.members().toString()).doesNotContain("wide", "narrow", "shadow");
    List<Map<String, String>> shown =
        RestAssured.given()
            .header("Authorization", "Bearer " + operatorToken)
            .get("/verdicts/" + refused.text("verdict_id"))
            .then()
            .statusCode(200)
            .extract()
            .jsonPath()
            .getList("shadow_rules");
    assertThat(shown)
        .containsExactly(
            Map.of("rule", "wide", "outcome", "accepted"),
            Map.of("rule", "narrow", "outcome", "refused", "reason", "SCOPE_NOT_GRANTED"));
  }

  private static ExchangeTokenRequest request(String credential) {
    return BrokerClient.exchangeOf(credential).toBuilder()
        .clearScopes()
        .addScopes("deploy")
        .addScopes("read")
        .build();
  }

  // A counter is made when it is needed first.
  private double count(String rule, String result) {
    Counter counter =
        registry.find("tokenbroker.shadow.rules").tags("rule", rule, "result", result).counter();
    return counter == null ? 0 : counter.count();
  }
}
