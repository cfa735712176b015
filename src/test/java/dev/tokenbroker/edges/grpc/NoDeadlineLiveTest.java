package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.ProxyProfile;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.TokenBrokerGrpc.TokenBrokerBlockingStub;
import dev.tokenbroker.v1.Verdict;
import io.grpc.Status.Code;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who sets no deadline, or a longer one than there may be, and waits for an issuer that hangs: it
 * is the broker that gives up, and none of the caller's fault.
 */
@QuarkusTest
@TestProfile(ProxyProfile.class)
class NoDeadlineLiveTest {

  @Inject Federations federations;

  @AutoClose private final FakeIssuer hanging = FakeIssuer.start();
  @AutoClose private BrokerClient client;

  @BeforeEach
  void start() {
    client = BrokerClient.plaintext(GrpcPort.current());
    hanging.answer(FakeIssuer.Answer.HANG);
    new TestFederation().issuer("hanging", hanging.issuer()).load(federations);
  }

  /** All at once, since each waits for as long as an exchange may take. */
  @Test
  void learns_that_keys_are_unavailable_and_when_to_retry() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> without = callers.submit(this::withoutDeadline);
      Future<Answer> longer = callers.submit(() -> client.exchange(request()));

      Verdict verdict = client.explain(request());

      assertThatTheIssuerIsNamed(without.get());
      assertThatTheIssuerIsNamed(longer.get());
      assertThat(verdict.getOutcome()).isEqualTo(Outcome.OUTCOME_REFUSED);
      assertThat(verdict.getReason()).isEqualTo("KEYS_UNREACHABLE");
    }
  }

  private static void assertThatTheIssuerIsNamed(Answer answer) {
    assertThat(answer.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(answer.reason()).isEqualTo("KEYS_UNREACHABLE");
    assertThat(answer.pushback()).matches("[1-9]\\d*");
    assertThat(answer.retryInfo()).isTrue();
  }

  private Answer withoutDeadline() {
    TokenBrokerBlockingStub stub = TokenBrokerGrpc.newBlockingStub(client.channel());
    return BrokerClient.answer(() -> stub.exchangeToken(request()));
  }

  private ExchangeTokenRequest request() {
    return BrokerClient.exchangeOf(hanging.credential());
  }
}
