package dev.tokenbroker.exchange;

import static dev.tokenbroker.exchange.Endings.failed;
import static dev.tokenbroker.exchange.Endings.next;
import static dev.tokenbroker.exchange.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.credential.JwtVerifier;
import dev.tokenbroker.credential.UsedCredentials;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail.Result;
import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.token.CacheKey;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.SingleFlight;
import dev.tokenbroker.token.TokenMinter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many who bring the same credential at the same time, which may be exchanged once. */
class OnceOnlyAtOnceTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(22);
  private static final String GOOD = ISSUER.credential("acme/payments");

  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = Collections.synchronizedList(new ArrayList<>());
  private final GatedVerifier verifier = new GatedVerifier(clock);
  private final AtomicBoolean gone = new AtomicBoolean();
  private final AtomicBoolean minted = new AtomicBoolean();
  private final SingleFlight<CacheKey, SharedJudgement, Judged<IssuedToken>> flights =
      new SingleFlight<>();
  private final TokenExchange exchange;

  OnceOnlyAtOnceTest(@TempDir Path directory) {
    TokenMinter minter = TestExchange.minter(clock);
    exchange =
        TestExchange.of(
            TestExchange.federation(directory, ISSUER.federation("once: true"), clock),
            clock,
            List.of(records::add),
            verifier,
            grant -> {
              minted.set(true);
              return minter.mint(grant);
            },
            new OnceOnly(new UsedCredentials(3, clock)),
            flights);
  }

  @Test
  void one_of_those_who_ask_the_same_at_once_is_given_the_token() throws Exception {
    verifier.shut();
    BlockingQueue<Exchanged> endings = new LinkedBlockingQueue<>();
    ask(100, TestHome::anywhere, endings);
    verifier.open();

    List<Exchanged> losers = losers(endings, 100);

    assertThat(losers)
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
  }

  @Test
  void one_of_those_who_ask_for_different_things_at_once_is_given_a_token() throws Exception {
    verifier.shut();
    BlockingQueue<Exchanged> endings = new LinkedBlockingQueue<>();
    for (int at = 0; at < 60; at++) {
      ExchangeRequest request =
          new ExchangeRequest(
              at % 2 == 0 ? "payments-api" : "orders",
              GOOD,
              "",
              List.of("read"),
              Duration.ofSeconds(60 + at),
              false,
              "grpc",
              "");
      exchange.exchange(request, TestExchange.enough(), TestHome.anywhere(), endings::add);
    }
    verifier.open();

    assertThat(losers(endings, 60))
        .hasSize(59)
        .extracting(ended -> ended.verdict().reason())
        .containsOnly(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @Test
  void who_waits_gets_the_token_where_the_first_has_left() throws Exception {
    verifier.shut();
    BlockingQueue<Exchanged> hasty = new LinkedBlockingQueue<>();
    BlockingQueue<Exchanged> patient = new LinkedBlockingQueue<>();
    exchange.exchange(
        request(), Deadline.after(Duration.ofMillis(20)), TestHome.anywhere(), hasty::add);
    ask(1, TestHome::anywhere, patient);
    assertThat(next(hasty).verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    verifier.open();

    token(next(patient));
  }

  @Test
  void is_not_used_by_who_has_gone_away_before_its_deadline() throws Exception {
    verifier.shut();
    BlockingQueue<Exchanged> impatient = new LinkedBlockingQueue<>();
    BlockingQueue<Exchanged> patient = new LinkedBlockingQueue<>();
    ask(1, this::leftLater, impatient);
    verifier.awaitOne();
    gone.set(true);
    verifier.open();

    assertThat(next(impatient).verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    ask(1, TestHome::anywhere, patient);
    token(next(patient));
  }

  @Test
  void is_not_used_by_who_goes_away_between_the_making_of_the_token_and_its_answer()
      throws Exception {
    verifier.shut();
    BlockingQueue<Exchanged> impatient = new LinkedBlockingQueue<>();
    BlockingQueue<Exchanged> patient = new LinkedBlockingQueue<>();
    ask(2, () -> TestHome.leftAtTheAnswer(gone), impatient);
    verifier.open();

    for (int at = 0; at < 2; at++) {
      Exchanged left = next(impatient);
      assertThat(left.verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
      assertThat(failed(left.verdict())).isEqualTo(Step.ONCE);
    }
    ask(1, TestHome::anywhere, patient);
    token(next(patient));
  }

  @Test
  void is_not_used_by_who_goes_away_before_what_was_made_has_landed() throws Exception {
    verifier.shut();
    BlockingQueue<Exchanged> impatient = new LinkedBlockingQueue<>();
    ask(1, () -> TestHome.of(new LeavingOnceMinted(minted)), impatient);
    verifier.open();

    assertThat(next(impatient).verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(Eventually.see(flights::underWay, some -> some == 0)).isZero();
    token(Eventually.see(this::again, ended -> ended.outcome() instanceof Outcome.Accepted));
  }

  private Exchanged again() {
    BlockingQueue<Exchanged> answers = new LinkedBlockingQueue<>();
    ask(1, TestHome::anywhere, answers);
    try {
      return next(answers);
    } catch (InterruptedException unexpected) {
      throw new IllegalStateException(unexpected);
    }
  }

  @Test
  void who_waits_gets_the_token_where_the_first_has_gone_away() throws Exception {
    verifier.shut();
    BlockingQueue<Exchanged> impatient = new LinkedBlockingQueue<>();
    BlockingQueue<Exchanged> patient = new LinkedBlockingQueue<>();
    ask(2, this::leftLater, impatient);
    ask(1, TestHome::anywhere, patient);
    ask(2, this::leftLater, impatient);
    gone.set(true);
    verifier.open();

    token(next(patient));
    for (int at = 0; at < 4; at++) {
      Exchanged left = next(impatient);
      assertThat(left.verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
      assertThat(failed(left.verdict())).isEqualTo(Step.ONCE);
    }
  }

  /** What a caller who has left gives up is not told to who comes before that has ended. */
  @Test
  void who_comes_as_the_last_of_the_others_has_left_gets_a_token(@TempDir Path directory) {
    Queue<Runnable> meanwhile = new ArrayDeque<>();
    InstantSource told =
        () -> {
          Runnable coming = meanwhile.poll();
          if (coming != null) {
            coming.run();
          }
          return clock.instant();
        };
    TokenMinter minter = TestExchange.minter(clock);
    List<Exchanged> left = new ArrayList<>();
    List<Exchanged> patient = new ArrayList<>();
    AtomicReference<TokenExchange> here = new AtomicReference<>();
    here.set(
        TestExchange.of(
            TestExchange.federation(directory, ISSUER.federation("once: true"), clock),
            told,
            List.of(),
            new JwtVerifier(clock),
            grant -> {
              Outcome<IssuedToken> made = minter.mint(grant);
              if (!gone.getAndSet(true)) {
                meanwhile.add(
                    () ->
                        here.get()
                            .exchange(
                                request(),
                                TestExchange.enough(),
                                TestHome.anywhere(),
                                patient::add));
              }
              return made;
            },
            new OnceOnly(new UsedCredentials(3, clock)),
            new SingleFlight<>(Runnable::run)));

    here.get().exchange(request(), TestExchange.enough(), leftLater(), left::add);

    assertThat(left)
        .singleElement()
        .extracting(ended -> ended.verdict().reason())
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(patient).hasSize(1);
    token(patient.getFirst());
  }

  /** So many ask for the same, each from a home of its own. */
  private void ask(int callers, Supplier<Home> homes, BlockingQueue<Exchanged> endings) {
    for (int at = 0; at < callers; at++) {
      exchange.exchange(request(), TestExchange.enough(), homes.get(), endings::add);
    }
  }

  private Home leftLater() {
    return TestHome.leftWhere(gone::get);
  }

  private static ExchangeRequest request() {
    return TestExchange.request("payments-api", GOOD);
  }

  private static List<Exchanged> losers(BlockingQueue<Exchanged> endings, int all)
      throws InterruptedException {
    List<Exchanged> losers = new ArrayList<>();
    for (int at = 0; at < all; at++) {
      Exchanged ended = next(endings);
      if (ended.outcome() instanceof Outcome.Refused) {
        losers.add(ended);
      }
    }
    return losers;
  }
}
