package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.failed;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.passed;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.TestAdmissionSettings;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What callers who ask for the same have in common, and what each has for itself. */
class TokenExchangeSharingTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(7);
  private static final String GOOD = ISSUER.credential("acme/payments");

  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = Collections.synchronizedList(new ArrayList<>());
  private final GatedVerifier verifier = new GatedVerifier(clock);
  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Federation federation;
  private final TokenExchange exchange;
  private final TokenExchange threaded;

  TokenExchangeSharingTest(@TempDir Path directory) {
    federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    exchange = exchange().build();
    threaded = exchange().threads(threads).build();
  }

  private TestExchange exchange() {
    return TestExchange.by(federation, clock, List.of(records::add)).verifier(verifier);
  }

  @Test
  void reuses_and_records_a_held_token_without_verifying_again() {
    Exchanged first = ask(GOOD, "read");
    Exchanged second = ask(GOOD, "read");

    assertThat(token(second)).isSameAs(token(first));
    assertThat(verifier.threads()).hasSize(1);
    assertThat(records).extracting(record -> record.verdict().id()).doesNotHaveDuplicates();
    assertThat(Objects.requireNonNull(records.getLast().token()).id()).isEqualTo(token(first).id());
    assertThat(records.getLast().verdict().issuer()).isEqualTo("acme");
    assertThat(records.getLast().verdict().rule()).isEqualTo("deploy-payments");
    assertThat(passed(second.verdict())).containsExactly(Step.REQUEST, Step.CACHE);
    assertThat(second.verdict().notes()).singleElement().asString().contains(first.verdict().id());
  }

  @Test
  void shares_requests_only_if_every_part_of_them_is_equal() {
    ask(GOOD, "read");
    ask(GOOD);
    ask(GOOD, "read", "deploy");
    ask(
        ISSUER.credential("acme/payments", TestClock.START.plusSeconds(500).getEpochSecond()),
        "read");
    assertThat(verifier.threads()).hasSize(4);

    ask(GOOD, "deploy", "read");
    assertThat(verifier.threads()).hasSize(4);
  }

  @Test
  void does_not_hand_out_a_token_once_its_credential_has_ended() {
    String ending =
        ISSUER.credential("acme/payments", TestClock.START.plusSeconds(100).getEpochSecond());
    ask(ending);
    // The seeded issuer has a leeway of 60 s: until then the credential itself would be accepted.
    clock.advance(Duration.ofSeconds(161));

    assertThat(ask(ending).verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_EXPIRED);
  }

  @Test
  void does_not_keep_refusals_of_its_own() {
    ask(ISSUER.credential("acme/docs"));
    ask(ISSUER.credential("acme/docs"));

    assertThat(verifier.threads()).hasSize(2);
  }

  @Test
  void never_waits_on_the_thread_of_the_caller() {
    verifier.shut();
    CompletionStage<Exchanged> asked = begin(enough());
    assertThat(asked.toCompletableFuture()).isNotCompleted();
    verifier.open();

    token(Endings.of(asked));
    assertThat(verifier.threads())
        .singleElement()
        .satisfies(thread -> assertThat(thread.isVirtual()).isTrue())
        .isNotSameAs(Thread.currentThread());
  }

  @Test
  void evaluates_once_for_concurrent_callers_and_keeps_deadlines() {
    verifier.shut();
    List<CompletionStage<Exchanged>> patient = new ArrayList<>();
    patient.add(begin(enough()));
    verifier.awaitOne();
    CompletionStage<Exchanged> hasty = begin(Deadline.after(Duration.ofMillis(20)));
    for (int at = 0; at < 100; at++) {
      patient.add(begin(enough()));
    }
    Exchanged late = Endings.of(hasty);
    assertThat(patient).allMatch(asked -> !asked.toCompletableFuture().isDone());
    verifier.open();

    assertThat(late.verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(failed(late.verdict())).isEqualTo(Step.FORMAT);
    IssuedToken first = token(Endings.of(patient.getFirst()));
    assertThat(Endings.all(patient)).extracting(Endings::token).containsOnly(first);
    assertThat(verifier.threads()).hasSize(1);
    assertThat(records).hasSize(102);
    assertThat(records).filteredOn(record -> !record.joined()).hasSize(1);
  }

  @Test
  void ends_nothing_for_the_others_where_the_first_has_left() {
    Queue<Runnable> started = new ArrayDeque<>();
    TokenExchange queued = exchange().threads(started::add).build();
    CompletionStage<Exchanged> first = begin(queued, Deadline.after(Duration.ofMillis(50)));
    CompletionStage<Exchanged> other = begin(queued, enough());
    assertThat(Endings.of(first).verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(started).hasSize(1);
    started.remove().run();

    token(Endings.now(other));
    assertThat(verifier.threads()).hasSize(1);
  }

  /** Whoever asks again soon finds what has come of it. */
  @Test
  void evaluates_to_the_end_where_all_have_left() {
    verifier.shut();
    Duration patience = Duration.ofMillis(20);
    Exchanged left = Endings.of(begin(Deadline.after(patience)));
    while (failed(left.verdict()) != Step.FORMAT) { // too busy a machine for that time
      patience = patience.multipliedBy(2);
      left = Endings.of(begin(Deadline.after(patience)));
    }
    int asked = records.size();
    verifier.open();
    threads.close();

    Exchanged again = Endings.now(begin(enough()));

    assertThat(left.verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(passed(again.verdict())).containsExactly(Step.REQUEST, Step.CACHE);
    assertThat(verifier.threads()).hasSize(1);
    assertThat(records).hasSize(asked + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "KEY, KEYS_UNREACHABLE",
    "UPSTREAM, UPSTREAM_TIMED_OUT",
    "SIGNATURE, BROKER_OVERLOADED",
  })
  void tells_a_caller_without_a_deadline_what_took_too_long(Step step, RefusalReason reason) {
    verifier.holdAt(step);
    verifier.shut();
    CompletionStage<Exchanged> patient = begin(enough());
    verifier.awaitOne();
    Verdict verdict = Endings.of(begin(Deadline.limit(Duration.ofMillis(1)))).verdict();
    verifier.open();

    assertThat(verdict.reason()).isEqualTo(reason);
    assertThat(failed(verdict)).isEqualTo(step);
    token(Endings.of(patient));
  }

  @Test
  void refuses_sharing_callers_beyond_the_limit_and_serves_others() {
    TokenExchange bounded = bounded(2);
    verifier.shut();
    List<CompletionStage<Exchanged>> served = new ArrayList<>();
    served.add(begin(bounded, enough()));
    verifier.awaitOne();
    for (int at = 0; at < 2; at++) {
      served.add(begin(bounded, enough()));
    }
    Verdict sentAway = Endings.now(begin(bounded, enough())).verdict();
    verifier.open();

    assertThat(sentAway.reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(sentAway.isShed()).isTrue();
    IssuedToken first = token(Endings.of(served.getFirst()));
    assertThat(Endings.all(served)).extracting(Endings::token).containsOnly(first);
    assertThat(verifier.threads()).hasSize(1);
  }

  @Test
  void lets_others_share_in_the_place_of_callers_that_have_left() {
    TokenExchange bounded = bounded(1);
    verifier.shut();
    CompletionStage<Exchanged> first = begin(bounded, enough());
    verifier.awaitOne();
    for (int at = 0; at < 3; at++) {
      assertThat(
              Endings.of(begin(bounded, Deadline.after(Duration.ofMillis(1)))).verdict().reason())
          .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    }
    CompletionStage<Exchanged> last = begin(bounded, enough());
    verifier.open();

    assertThat(token(Endings.of(last))).isSameAs(token(Endings.of(first)));
  }

  private TokenExchange bounded(int maxInFlight) {
    return exchange()
        .threads(threads)
        .admission(
            new Admission(
                TestAdmissionSettings.defaults()
                    .withMaxInFlight(maxInFlight)
                    .withPerCredential(0, 0),
                Clocks.system()))
        .build();
  }

  @Test
  void records_a_bug_for_every_caller_that_shares_the_evaluation() {
    TokenExchange faulty =
        exchange()
            .threads(threads)
            .minter(_ -> Unchecked.raise(new IllegalStateException("a bug")))
            .build();
    verifier.shut();
    List<CompletionStage<Exchanged>> all = new ArrayList<>();
    for (int at = 0; at < 10; at++) {
      all.add(begin(faulty, enough()));
    }
    try (CapturedLog _ = new CapturedLog()) {
      verifier.open();
      assertThat(Endings.all(all))
          .extracting(ended -> ended.verdict().reason())
          .hasSize(10)
          .containsOnly(RefusalReason.INTERNAL_ERROR);
    }
    assertThat(records)
        .hasSize(10)
        .allMatch(record -> failed(record.verdict()) == Step.MINT)
        .extracting(record -> record.verdict().id())
        .doesNotHaveDuplicates();
    assertThat(verifier.threads()).hasSize(1);
    ask(GOOD);
    assertThat(verifier.threads()).hasSize(2);
  }

  /** What one caller cannot have recorded is refused to that one alone. */
  @Test
  void gives_a_shared_token_to_callers_whose_records_are_kept() {
    List<ExchangeRecord> kept = Collections.synchronizedList(new ArrayList<>());
    ExchangeObserver forgetsOne =
        new ExchangeObserver() {
          @Override
          public CompletionStage<Void> keep(ExchangeRecord record) {
            if (!record.joined()) {
              throw new IllegalStateException("full");
            }
            return CompletableFuture.completedStage(null);
          }

          @Override
          public void ended(ExchangeRecord record) {
            kept.add(record);
          }
        };
    TokenExchange forgetful =
        TestExchange.by(federation, clock, List.of(forgetsOne))
            .verifier(verifier)
            .threads(threads)
            .build();
    verifier.shut();
    CompletionStage<Exchanged> first = begin(forgetful, enough());
    verifier.awaitOne();
    CompletionStage<Exchanged> other = begin(forgetful, enough());
    try (CapturedLog _ = new CapturedLog()) {
      verifier.open();
      assertThat(Endings.of(first).verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
    }
    token(Endings.of(other));
    assertThat(kept).hasSize(2);
  }

  private CompletionStage<Exchanged> begin(Deadline deadline) {
    return begin(threaded, deadline);
  }

  private static CompletionStage<Exchanged> begin(TokenExchange on, Deadline deadline) {
    return on.exchange(request("payments-api", GOOD), deadline, Runnable::run);
  }

  private Exchanged ask(String credential, String... scopes) {
    return TestExchange.exchange(exchange, request("payments-api", credential, scopes));
  }
}
