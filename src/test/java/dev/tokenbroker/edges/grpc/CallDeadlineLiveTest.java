package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.telemetry.BrokerMeter;
import dev.tokenbroker.evaluate.exchange.Verdicts;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.TokenBrokerGrpc.TokenBrokerBlockingStub;
import io.grpc.Status.Code;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A caller that waits for an issuer that hangs gets an answer by its deadline. */
@QuarkusTest
class CallDeadlineLiveTest {

  private static final long DEADLINE_MILLIS = 1_000;

  /** Less than a broker waits by itself. */
  private static final Duration AT_MOST = Duration.ofSeconds(8);

  @Inject Federations federations;
  @Inject Admission admission;
  @Inject Verdicts verdicts;
  @Inject MeterRegistry meters;

  @AutoClose private final FakeIssuer good = FakeIssuer.start();
  @AutoClose private final FakeIssuer hanging = FakeIssuer.start();
  @AutoClose private BrokerClient client;

  @BeforeEach
  void start() {
    client = BrokerClient.plaintext(GrpcPort.current());
    hanging.answer(FakeIssuer.Answer.HANG);
    new TestFederation()
        .issuer("good", good.issuer())
        .issuer("hanging", hanging.issuer())
        .load(federations);
  }

  @Test
  void ends_the_call_of_a_client_with_a_deadline_and_records_why() {
    client.exchange(request(good)).granted(); // so that no time goes by for connecting
    double before = refusedForTheDeadline();

    Timed timed = timed(() -> withDeadline(request(hanging)));

    assertThat(timed.answer().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(timed.took()).isLessThan(AT_MOST);
    assertThat(Eventually.see(this::refusedForTheDeadline, seen -> seen > before))
        .isEqualTo(before + 1);
  }

  @Test
  void honours_the_deadline_header_of_a_passive_client() {
    client.exchange(request(good)).granted(); // so that no time goes by for connecting

    Timed timed = timed(() -> withHeaderOnly(request(hanging), DEADLINE_MILLIS + "m"));

    assertThat(timed.answer().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(timed.answer().reason()).isEqualTo("DEADLINE_EXCEEDED");
    assertThat(timed.answer().pushback()).isEmpty();
    assertThat(timed.answer().retryInfo()).isFalse();
    // Some of the time is kept back for the answer.
    assertThat(timed.took()).isBetween(Duration.ofMillis(DEADLINE_MILLIS / 2), AT_MOST);
    assertThat(verdicts.find(timed.answer().facts().getOrDefault("verdict_id", "")))
        .hasValueSatisfying(
            verdict -> assertThat(verdict.reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED));
  }

  @Test
  void leaves_the_exchanges_of_others_unaffected_while_it_waits() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> waiting = callers.submit(() -> withHeaderOnly(request(hanging), "10S"));
      assertThat(Eventually.see(() -> admission.status().inFlight(), some -> some > 0)).isOne();

      client.exchange(request(good)).granted();

      assertThat(waiting.isDone()).isFalse();
      callers.shutdownNow();
    }
  }

  private double refusedForTheDeadline() {
    return meters
        .find(BrokerMeter.REFUSALS.id())
        .tag("reason", RefusalReason.DEADLINE_EXCEEDED.name())
        .counters()
        .stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private Answer withDeadline(ExchangeTokenRequest request) {
    TokenBrokerBlockingStub stub =
        client.stub().withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
    return BrokerClient.answer(() -> stub.exchangeToken(request));
  }

  // The library writes this header itself, and cancels the call itself, only where it is given a
  // deadline.
  private Answer withHeaderOnly(ExchangeTokenRequest request, String timeout) {
    TokenBrokerBlockingStub stub =
        TokenBrokerGrpc.newBlockingStub(client.channel())
            .withInterceptors(BrokerClient.header("grpc-timeout", List.of(timeout)));
    return BrokerClient.answer(() -> stub.exchangeToken(request));
  }

  private record Timed(Answer answer, Duration took) {}

  private static Timed timed(Supplier<Answer> call) {
    long beganNanos = System.nanoTime();
    Answer answer = call.get();
    return new Timed(answer, Duration.ofNanos(System.nanoTime() - beganNanos));
  }

  private static ExchangeTokenRequest request(FakeIssuer issuer) {
    return BrokerClient.exchangeOf(issuer.credential());
  }
}
