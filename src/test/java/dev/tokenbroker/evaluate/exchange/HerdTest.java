package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.TestAdmissionSettings;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.process.runtime.AtOnce;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callers who all come at once for the same. */
@Timeout(60)
class HerdTest {

  private static final int CALLERS = 2_000;
  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final SeededIssuer ISSUER = new SeededIssuer(9);
  private static final String CREDENTIAL =
      ISSUER.credential(
          "acme/payments", TestClock.START.plus(Duration.ofDays(300)).getEpochSecond());

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final TestClock clock = new TestClock();
  private final AtomicInteger made = new AtomicInteger();
  private final EvaluationThreads evaluating;
  private final TokenExchange exchange;

  /** Tokens are made once this is open. */
  private volatile Latch gate = new Latch(0);

  HerdTest(@TempDir Path directory) {
    Federation federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    Admission admission =
        new Admission(TestAdmissionSettings.defaults().withPerCredential(0, 1), Clocks.system());
    evaluating = new EvaluationThreads(admission, Duration.ofMinutes(1), threads);
    exchange =
        TestExchange.by(federation, clock, List.of())
            .admission(admission)
            .minter(_ -> Outcome.accepted(make()))
            .on(evaluating);
  }

  @AfterEach
  void stop() {
    gate.countDown();
    threads.close();
  }

  @Test
  void makes_one_token_for_2_000_callers_when_the_last_one_ends() throws Exception {
    assertThat(token(Endings.of(ask(enough()))).id()).isEqualTo("token 1");
    assertThat(token(Endings.of(ask(enough()))).id()).isEqualTo("token 1");
    clock.advance(Duration.ofMinutes(8));
    gate = new Latch(1);
    List<CompletionStage<Exchanged>> asked = askAtOnce(enough(), CALLERS);
    assertThat(evaluating.status().underWay()).isEqualTo(1);
    gate.countDown();
    assertThat(Endings.all(asked)).allMatch(ended -> token(ended).id().equals("token 2"));
    assertThat(made).hasValue(2);
    assertThat(evaluating.status().joined()).isEqualTo(CALLERS - 1);
  }

  @Test
  void lets_the_hasty_leave_and_serves_the_others() throws Exception {
    gate = new Latch(1);
    CompletionStage<Exchanged> first = ask(enough());
    List<CompletionStage<Exchanged>> hasty = askAtOnce(Deadline.after(Duration.ZERO), CALLERS / 2);
    List<CompletionStage<Exchanged>> patient = askAtOnce(enough(), CALLERS / 2);
    assertThat(Endings.all(hasty))
        .allMatch(ended -> ended.verdict().reason() == RefusalReason.DEADLINE_EXCEEDED);
    assertThat(evaluating.status().underWay()).isEqualTo(1);
    gate.countDown();
    IssuedToken token = token(Endings.of(first));
    assertThat(Endings.all(patient)).extracting(Endings::token).containsOnly(token);
    assertThat(made).hasValue(1);
  }

  /**
   * The gap between looking and joining: callers who looked for a token before the evaluation left
   * one come to share after it has ended.
   */
  @Test
  void makes_one_token_however_callers_and_its_making_fall_together() throws Exception {
    for (int round = 1; round <= 300; round++) {
      String id = "token " + round;
      List<CompletionStage<Exchanged>> asked = askAtOnce(enough(), 20);
      assertThat(Endings.all(asked)).allMatch(ended -> token(ended).id().equals(id));
      assertThat(made).hasValue(round);
      clock.advance(LIFE);
    }
  }

  /** That many ask, each on a thread of its own, all at once. */
  private List<CompletionStage<Exchanged>> askAtOnce(Deadline deadline, int callers)
      throws Exception {
    return AtOnce.results(callers, _ -> () -> ask(deadline));
  }

  private CompletionStage<Exchanged> ask(Deadline deadline) {
    return exchange.exchange(request("payments-api", CREDENTIAL), deadline, Runnable::run);
  }

  private IssuedToken make() {
    IssuedToken token =
        new IssuedToken(
            "value",
            "token " + made.incrementAndGet(),
            clock.instant(),
            clock.instant().plus(LIFE),
            List.of(),
            IssuedToken.ACCESS_TOKEN,
            TokenType.BEARER);
    gate.await();
    return token;
  }
}
