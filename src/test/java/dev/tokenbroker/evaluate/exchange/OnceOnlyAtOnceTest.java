package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.failed;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.issue.signing.TokenMinter;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many who bring the same credential at the same time, which may be exchanged once. */
@Tag("store")
class OnceOnlyAtOnceTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(22);
  private static final String GOOD = ISSUER.credential("acme/payments");

  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = Collections.synchronizedList(new ArrayList<>());
  private final GatedVerifier verifier = new GatedVerifier(clock);
  private final List<Thread> started = new CopyOnWriteArrayList<>();
  private final TokenExchange exchange;

  /** Tokens are made once this is open. */
  private volatile Latch minting = new Latch(0);

  private volatile boolean isMinting;

  OnceOnlyAtOnceTest(@TempDir Path directory) {
    TokenMinter minter = TestExchange.minter(clock);
    exchange =
        TestExchange.by(
                TestExchange.federation(directory, ISSUER.federation("once: true"), clock),
                clock,
                List.of(records::add))
            .verifier(verifier)
            .minter(
                grant -> {
                  isMinting = true;
                  minting.await();
                  return minter.mint(grant);
                })
            .once(TestExchange.once(new UsedCredentials(3, clock), clock))
            .threads(task -> started.add(Thread.ofVirtual().start(task)))
            .build();
  }

  @Test
  void one_of_those_who_ask_the_same_at_once_is_given_the_token() {
    verifier.shut();
    List<CompletionStage<Exchanged>> asked =
        IntStream.range(0, 100).mapToObj(at -> ask(enough())).toList();
    verifier.open();

    assertThat(losers(asked))
        .hasSize(99)
        .allSatisfy(
            ended -> {
              assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
              assertThat(failed(ended.verdict())).isEqualTo(Step.ONCE);
              assertThat(ended.verdict().steps())
                  .filteredOn(finding -> finding.step().compareTo(Step.ONCE) > 0)
                  .allMatch(finding -> finding.result() == Result.SKIPPED);
              assertThat(ended.verdict().rule()).isEqualTo("deploy-payments");
            });
    assertThat(records).filteredOn(record -> record.token() != null).hasSize(1);
    assertThat(records).hasSize(100).noneMatch(ExchangeRecord::joined);
    assertThat(verifier.threads()).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void one_of_several_different_concurrent_requests_gets_a_token() {
    verifier.shut();
    List<CompletionStage<Exchanged>> asked = new ArrayList<>();
    for (int at = 0; at < 60; at++) {
      String target = at % 2 == 0 ? "payments-api" : "orders";
      ExchangeRequest request = request(target, GOOD, List.of("read"), Duration.ofSeconds(60 + at));
      asked.add(exchange.exchange(request, enough(), Runnable::run));
    }
    verifier.open();

    assertThat(losers(asked))
        .hasSize(59)
        .extracting(ended -> ended.verdict().reason())
        .containsOnly(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @Test
  void another_caller_gets_the_token_if_one_leaves_before_the_use() {
    verifier.shut();
    Duration patience = Duration.ofMillis(20);
    Exchanged left = Endings.of(ask(Deadline.after(patience)));
    while (failed(left.verdict()) != Step.FORMAT) { // too busy a machine for that time
      patience = patience.multipliedBy(2);
      left = Endings.of(ask(Deadline.after(patience)));
    }
    verifier.open();
    assertThat(comesToMint()).isFalse();

    assertThat(left.verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    token(Endings.of(ask(enough())));
  }

  /** Used up before its token is made: so no other evaluation can use it meanwhile. */
  @Test
  void a_caller_that_leaves_during_the_issue_uses_the_credential_up() {
    minting = new Latch(1);
    Duration patience = Duration.ofMillis(50);
    Exchanged left = Endings.of(ask(Deadline.after(patience)));
    while (!comesToMint()) { // too busy a machine for that time
      patience = patience.multipliedBy(2);
      left = Endings.of(ask(Deadline.after(patience)));
    }
    Exchanged meanwhile = Endings.of(ask(enough()));
    minting.countDown();

    assertThat(left.verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(meanwhile.verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    assertThat(Endings.of(ask(enough())).verdict().reason())
        .isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    assertThat(records).extracting(ExchangeRecord::token).containsOnlyNulls();
  }

  /** Whether an evaluation comes as far as making its token; else all of them end before. */
  private boolean comesToMint() {
    while (started.stream().anyMatch(Thread::isAlive) && !isMinting) {
      Thread.onSpinWait();
    }
    return isMinting;
  }

  private CompletionStage<Exchanged> ask(Deadline deadline) {
    return exchange.exchange(request("payments-api", GOOD), deadline, Runnable::run);
  }

  private static List<Exchanged> losers(List<CompletionStage<Exchanged>> asked) {
    return Endings.all(asked).stream()
        .filter(ended -> ended.outcome() instanceof Outcome.Refused)
        .toList();
  }
}
