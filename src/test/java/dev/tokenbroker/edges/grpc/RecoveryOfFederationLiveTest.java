package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.Verdicts;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.Verdict;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bad document on disk: the last good one goes on serving, and the mended one takes over. */
@QuarkusTest
class RecoveryOfFederationLiveTest {

  private static final Path FILE = TestFederation.FILE;

  @Inject Federations federations;
  @Inject Verdicts verdicts;

  @TestHTTPResource(value = "/", management = true)
  URI management;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private BrokerClient client;
  private String revision;

  @BeforeEach
  void start() {
    client = BrokerClient.plaintext(GrpcPort.current());
    good().load(federations);
    revision = judged().getFederationRevision();
  }

  @AfterEach
  void stop() {
    good().load(federations);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "issuers: [", "issuers: []\nissuer: typo\n", "rules: [{name: \"lonely\"}]\n"})
  void goes_on_with_the_last_good_document(String bad) throws IOException {
    Files.writeString(FILE, bad);

    federations.reload();
    assertThat(federations.status().problems()).isNotEmpty();

    client.exchange(request()).granted();
    assertThat(judged().getFederationRevision()).isEqualTo(revision);
  }

  @Test
  void goes_on_when_the_document_is_gone() throws IOException {
    Files.delete(FILE);

    federations.reload();

    client.exchange(request()).granted();
    assertThat(judged().getFederationRevision()).isEqualTo(revision);
  }

  @Test
  void stays_ready_and_shows_the_problems() throws IOException {
    Files.writeString(FILE, "issuers: []\nissuer: typo\n");

    federations.reload();

    RestAssured.get(management.resolve("/q/health/ready"))
        .then()
        .statusCode(200)
        .body(
            "checks.find { it.name == 'federation' }.data.problems",
            Matchers.greaterThanOrEqualTo(1));
  }

  @Test
  void takes_the_mended_document() throws IOException {
    Files.writeString(FILE, "issuers: [");
    federations.reload();

    good().rule("another", "good", "orders", "claims.sub == 'nobody'").load(federations);

    Verdict verdict = judged();
    assertThat(verdict.getOutcome()).isEqualTo(Outcome.OUTCOME_ACCEPTED);
    assertThat(verdict.getFederationRevision()).isNotEmpty().isNotEqualTo(revision);
  }

  @Test
  void operators_see_that_the_revision_before_trusted_an_issuer() {
    new TestFederation().issuer("other", "https://other.example").load(federations);

    BrokerClient.Answer answer = client.exchange(request());

    assertThat(answer.reason()).isEqualTo("ISSUER_UNKNOWN");
    assertThat(answer.facts().toString()).doesNotContain(revision);
    dev.tokenbroker.evaluate.exchange.evaluation.Verdict verdict =
        verdicts.find(answer.facts().getOrDefault("verdict_id", "")).orElseThrow();
    assertThat(verdict.notes())
        .contains(
            "The revision before, " + revision + ", trusted this issuer; this revision does not.");
  }

  private TestFederation good() {
    return new TestFederation().issuer("good", issuer.issuer());
  }

  private Verdict judged() {
    return client.explain(request());
  }

  private ExchangeTokenRequest request() {
    return BrokerClient.exchangeOf(issuer.credential());
  }
}
