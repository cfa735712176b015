package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.exchange.IssuedTokens;
import dev.tokenbroker.exchange.IssuedTokensStatus;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.Verdict;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

@QuarkusTest
class FederationSwapTest {

  private static final int SWAPS = 50;
  private static final int CALLERS = 4;

  @Inject Federations federations;
  @Inject IssuedTokens shared;

  @Test
  void swaps_under_load_without_a_failed_call_and_names_the_revision_that_judged()
      throws Exception {
    try (FakeIssuer issuer = FakeIssuer.start();
        BrokerClient client = BrokerClient.plaintext(GrpcPort.current())) {
      Set<String> revisions = new HashSet<>();
      revisions.add(load(issuer, 0));
      ExchangeTokenRequest request = request(issuer);
      Queue<Verdict> verdicts = new ConcurrentLinkedQueue<>();
      AtomicBoolean swapping = new AtomicBoolean(true);
      List<Thread> callers = new ArrayList<>();
      for (int at = 0; at < CALLERS; at++) {
        callers.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      while (swapping.get()) {
                        verdicts.add(client.explain(request));
                      }
                    }));
      }

      for (int swap = 1; swap <= SWAPS; swap++) {
        revisions.add(load(issuer, swap));
      }
      swapping.set(false);
      for (Thread caller : callers) {
        caller.join();
      }

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

  @Test
  void holds_nothing_of_a_revision_that_is_gone_and_when_it_is_back_neither() {
    try (FakeIssuer issuer = FakeIssuer.start();
        BrokerClient client = BrokerClient.plaintext(GrpcPort.current())) {
      String revision = load(issuer, 0);
      ExchangeTokenRequest request = request(issuer);
      String held = client.exchange(request).granted().getAccessToken();
      assertThat(client.exchange(request).granted().getAccessToken()).isEqualTo(held);

      load(issuer, 1);
      assertThat(shared.status())
          .returns(0L, IssuedTokensStatus::entries)
          .returns(0L, IssuedTokensStatus::weightBytes);

      assertThat(load(issuer, 0)).isEqualTo(revision);
      assertThat(client.exchange(request).granted().getAccessToken()).isNotEqualTo(held);
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
