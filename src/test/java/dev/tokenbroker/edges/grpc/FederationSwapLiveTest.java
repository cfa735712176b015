package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokensStatus;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.Verdict;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

@QuarkusTest
class FederationSwapLiveTest {

  private static final int SWAPS = 50;
  private static final int CALLERS = 4;
  private static final Path CASES = Path.of("target/test-federation.cases.yaml");

  @Inject Federations federations;
  @Inject IssuedTokens shared;

  @Test
  void swaps_under_load_without_a_failure_and_names_the_revision() throws Exception {
    try (FakeIssuer issuer = FakeIssuer.start();
        BrokerClient client = BrokerClient.plaintext(GrpcPort.current())) {
      Set<String> revisions = new HashSet<>();
      revisions.add(load(issuer, 0));
      Queue<Verdict> verdicts =
          judgedDuring(
              () -> {
                for (int swap = 1; swap <= SWAPS; swap++) {
                  revisions.add(load(issuer, swap));
                }
              },
              client,
              request(issuer));

      assertThat(revisions).hasSize(SWAPS + 1);
      assertThat(verdicts)
          .isNotEmpty()
          .allSatisfy(
              verdict -> {
                assertThat(verdict.getOutcome()).isEqualTo(Outcome.OUTCOME_ACCEPTED);
                assertThat(revisions).contains(verdict.getFederationRevision());
              });
      assertThat(issuer.requests()).isLessThanOrEqualTo(3);
    }
  }

  /** Every other document admits a fork, which its own cases forbid. */
  @Test
  void a_document_with_failing_cases_does_not_replace_a_good_one() throws Exception {
    Files.writeString(
        CASES,
        """
        identities:
          main: {issuer: good, claims: {sub: a, repository: acme/payments}}
          fork: {like: main, claims: {repository: mallory/payments}}
        cases:
          - {name: main deploys, identity: main, audience: payments-api, expect: {accepted: good-pays}}
          - {name: a fork does not, identity: fork, audience: payments-api, expect: {refused: NO_RULE_MATCHED}}
        """);
    try (FakeIssuer issuer = FakeIssuer.start();
        BrokerClient client = BrokerClient.plaintext(GrpcPort.current())) {
      String good = loadWithCases(issuer, "claims.sub == 'nobody'");
      assertThat(federations.status().problems()).isEmpty();
      ExchangeTokenRequest ofMain = request(issuer);
      ExchangeTokenRequest ofFork =
          BrokerClient.exchangeOf(
              issuer.credential(claims -> claims.put("repository", "mallory/payments")));
      Set<String> revisions = new HashSet<>(Set.of(good));
      Queue<Verdict> verdicts =
          judgedDuring(() -> swapWithBad(issuer, revisions), client, ofMain, ofFork);

      assertThat(revisions).hasSize(SWAPS + 1);
      assertThat(verdicts)
          .isNotEmpty()
          .allSatisfy(
              verdict -> {
                assertThat(revisions).contains(verdict.getFederationRevision());
                assertThat(verdict.getRule()).isIn("good-pays", "");
                assertThat(verdict.getReason()).isIn("", "NO_RULE_MATCHED");
              });
      assertThat(verdicts).extracting(Verdict::getOutcome).contains(Outcome.OUTCOME_ACCEPTED);
      assertThat(verdicts).extracting(Verdict::getOutcome).contains(Outcome.OUTCOME_REFUSED);
    } finally {
      Files.delete(CASES);
    }
  }

  private void swapWithBad(FakeIssuer issuer, Set<String> revisions) {
    for (int swap = 0; swap < SWAPS; swap++) {
      String before = federations.current().map(Federation::revision).orElseThrow();
      assertThat(loadWithCases(issuer, "claims.sub != 'nobody-" + swap + "'")).isEqualTo(before);
      assertThat(federations.status().problems())
          .extracting(Problem::message)
          .containsExactly(
              "the case 'a fork does not' fails for fork and payments-api: outcome: expected"
                  + " refused: NO_RULE_MATCHED, got accepted by open");
      revisions.add(loadWithCases(issuer, "claims.sub == 'nobody-" + swap + "'"));
      assertThat(federations.status().problems()).isEmpty();
    }
  }

  /** The verdicts of callers that explain these requests all the while. */
  private static Queue<Verdict> judgedDuring(
      Runnable swaps, BrokerClient client, ExchangeTokenRequest... requests)
      throws InterruptedException {
    Queue<Verdict> verdicts = new ConcurrentLinkedQueue<>();
    AtomicBoolean swapping = new AtomicBoolean(true);
    List<Thread> callers = new ArrayList<>();
    for (int at = 0; at < CALLERS; at++) {
      ExchangeTokenRequest request = requests[at % requests.length];
      callers.add(
          Thread.startVirtualThread(
              () -> {
                while (swapping.get()) {
                  verdicts.add(client.explain(request));
                }
              }));
    }
    swaps.run();
    swapping.set(false);
    for (Thread caller : callers) {
      caller.join();
    }
    return verdicts;
  }

  private String loadWithCases(FakeIssuer issuer, String open) {
    new TestFederation()
        .issuer("good", issuer.issuer())
        .rule("open", "good", "payments-api", open)
        .cases(CASES.getFileName().toString())
        .load(federations);
    return federations.current().map(Federation::revision).orElseThrow();
  }

  @Test
  void holds_nothing_of_a_removed_revision_even_when_it_returns() {
    try (FakeIssuer issuer = FakeIssuer.start();
        BrokerClient client = BrokerClient.plaintext(GrpcPort.current())) {
      String revision = load(issuer, 0);
      ExchangeTokenRequest request = request(issuer);
      String held = client.accessToken(request);
      assertThat(client.accessToken(request)).isEqualTo(held);

      load(issuer, 1);
      assertThat(shared.status())
          .returns(0L, IssuedTokensStatus::entries)
          .returns(0L, IssuedTokensStatus::weightBytes);

      assertThat(load(issuer, 0)).isEqualTo(revision);
      assertThat(client.accessToken(request)).isNotEqualTo(held);
    }
  }

  private static ExchangeTokenRequest request(FakeIssuer issuer) {
    return BrokerClient.exchangeOf(issuer.credential());
  }

  private String load(FakeIssuer issuer, int number) {
    new TestFederation()
        .issuer("good", issuer.issuer())
        .rule("rule-" + number, "good", "orders", "claims.sub == 'nobody'")
        .load(federations);
    return federations.current().map(Federation::revision).orElseThrow();
  }
}
