package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.Admission.AdmissionStatus;
import dev.tokenbroker.evaluate.exchange.admission.Admitted;
import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.evaluate.exchange.admission.TestAdmissionSettings;
import dev.tokenbroker.evaluate.exchange.admission.TestOverload;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokensStatus;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A held token that comes due for its refresh; threads are given when the test says so. */
class TokenExchangeRefreshTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(7);
  private static final String GOOD =
      ISSUER.credential("acme/payments", TestClock.START.plus(Duration.ofDays(1)).getEpochSecond());

  private final TestClock clock = new TestClock();
  private final TestClock processors = new TestClock();
  private final List<ExchangeRecord> records = new ArrayList<>();
  private final GatedVerifier verifier = new GatedVerifier(clock);
  private final Queue<Runnable> started = new ArrayDeque<>();
  private final Admission admission =
      new Admission(
          TestAdmissionSettings.defaults().withPerCredential(0, 1),
          2,
          TestClocks.seeded(processors, 1));
  private final IssuedTokens tokens = TestExchange.tokens(clock);
  private final Federation federation;
  private final EvaluationThreads threads =
      new EvaluationThreads(admission, Duration.ofSeconds(10), started::add);
  private final TokenExchange exchange;

  TokenExchangeRefreshTest(@TempDir Path directory) {
    federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    exchange =
        TestExchange.by(federation, clock, List.of(records::add))
            .verifier(verifier)
            .admission(admission)
            .tokens(tokens)
            .on(threads);
  }

  @Test
  void serves_the_held_token_until_its_successor_is_made_once() {
    IssuedToken held = issue();
    passUntilTheRefresh(held);

    assertThat(token(askNow())).isSameAs(held);
    assertThat(token(askNow())).isSameAs(held);
    assertThat(started).hasSize(1);
    run();
    IssuedToken successor = token(askNow());

    assertThat(successor).isNotSameAs(held);
    assertThat(verifier.threads()).hasSize(2);
    assertThat(records)
        .extracting(record -> record.verdict().intent())
        .containsExactly(
            Intent.EXCHANGE, Intent.EXCHANGE, Intent.EXCHANGE, Intent.REFRESH, Intent.EXCHANGE);
    assertThat(records).extracting(record -> record.verdict().id()).doesNotHaveDuplicates();
    assertThat(tokens.status().refreshesBegun()).isEqualTo(1);
  }

  @Test
  void joins_the_successor_if_the_held_token_ends_first() {
    IssuedToken held = issue();
    passUntilTheRefresh(held);
    assertThat(token(askNow())).isSameAs(held);
    clock.advance(Duration.ofSeconds(1));

    CompletionStage<Exchanged> first = ask();
    CompletionStage<Exchanged> second = ask();
    assertThat(first.toCompletableFuture()).isNotCompleted();
    run();

    IssuedToken successor = token(Endings.now(first));
    assertThat(successor).isNotSameAs(held);
    assertThat(token(Endings.now(second))).isSameAs(successor);
    assertThat(token(askNow())).isSameAs(successor);
    assertThat(started).isEmpty();
    assertThat(verifier.threads()).hasSize(2);
    assertThat(threads.status().joined()).isEqualTo(2);
    assertThat(records).filteredOn(ExchangeRecord::joined).hasSize(2);
  }

  /** Nothing was begun: were it given up, the held token would end without a successor. */
  @Test
  void puts_off_a_refresh_that_waits_for_too_long_to_be_begun() {
    IssuedToken held = issue();
    passUntilTheRefresh(held);
    TestOverload overload = TestOverload.of(admission, processors);
    overload.admit(CredentialDigest.of("another")).close(); // so that there is a place
    assertThat(token(askNow())).isSameAs(held);
    overload.goOn(Duration.ofMillis(501));
    run();

    assertThat(verifier.threads()).hasSize(1);
    assertThat(refreshes()).containsExactly(RefusalReason.BROKER_OVERLOADED);
    assertThat(tokens.status())
        .returns(1L, IssuedTokensStatus::refreshesBegun)
        .returns(1L, IssuedTokensStatus::refreshesPutOff)
        .returns(0L, IssuedTokensStatus::refreshesFailed);
  }

  @Test
  void puts_off_a_refresh_for_which_there_is_no_room() {
    IssuedToken held = issue();
    passUntilTheRefresh(held);
    clock.advance(Duration.ofSeconds(-2));
    List<Admitted> full = new ArrayList<>();
    while (admission.status().inFlight() < 4096) {
      full.add(admission.admit(enough()));
    }
    assertThat(token(askNow())).isSameAs(held);
    assertThat(started).isEmpty();
    assertThat(refreshes()).containsExactly(RefusalReason.BROKER_OVERLOADED);
    full.forEach(Admitted::close);

    clock.advance(Duration.ofSeconds(1));
    assertThat(token(askNow())).isSameAs(held);
    run();

    assertThat(token(askNow())).isNotSameAs(held);
    assertThat(tokens.status())
        .returns(2L, IssuedTokensStatus::refreshesBegun)
        .returns(1L, IssuedTokensStatus::refreshesPutOff);
  }

  @Test
  void serves_the_held_token_and_frees_room_if_no_thread_refreshes() {
    EvaluationThreads threadless =
        new EvaluationThreads(
            admission,
            Duration.ofSeconds(10),
            task -> {
              if (records.isEmpty()) {
                task.run();
              } else {
                throw new InternalError("unable to create native thread");
              }
            });
    TokenExchange soonThreadless =
        TestExchange.by(federation, clock, List.of(records::add))
            .verifier(verifier)
            .admission(admission)
            .tokens(tokens)
            .on(threadless);
    IssuedToken held = token(Endings.now(ask(soonThreadless)));
    passUntilTheRefresh(held);

    try (CapturedLog _ = new CapturedLog()) {
      assertThat(token(Endings.now(ask(soonThreadless)))).isSameAs(held);
    }

    assertThat(refreshes()).containsExactly(RefusalReason.INTERNAL_ERROR);
    assertThat(tokens.status().refreshesPutOff()).isEqualTo(1);
    assertThat(admission.status())
        .returns(0, AdmissionStatus::inFlight)
        .returns(0, AdmissionStatus::waiting);
  }

  private IssuedToken issue() {
    CompletionStage<Exchanged> asked = ask();
    run();
    return token(Endings.now(asked));
  }

  /** To just before the token is served no longer: its refresh is due by then, whenever drawn. */
  private void passUntilTheRefresh(IssuedToken held) {
    Duration life = Duration.between(held.issueTime(), held.expireTime());
    clock.advance(life.multipliedBy(4).dividedBy(5).minusMillis(1));
  }

  private void run() {
    started.remove().run();
  }

  private Exchanged askNow() {
    return Endings.now(ask());
  }

  private CompletionStage<Exchanged> ask() {
    return ask(exchange);
  }

  private static CompletionStage<Exchanged> ask(TokenExchange of) {
    return of.exchange(request("payments-api", GOOD), enough(), Runnable::run);
  }

  private List<RefusalReason> refreshes() {
    List<RefusalReason> reasons = new ArrayList<>();
    for (ExchangeRecord record : records) {
      RefusalReason reason = record.verdict().reason();
      if (record.verdict().intent() == Intent.REFRESH && reason != null) {
        reasons.add(reason);
      }
    }
    return reasons;
  }
}
