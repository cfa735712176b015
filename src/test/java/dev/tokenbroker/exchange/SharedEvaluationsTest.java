package dev.tokenbroker.exchange;

import static dev.tokenbroker.exchange.Endings.next;
import static dev.tokenbroker.exchange.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.outcome.Trail.Result;
import dev.tokenbroker.possession.PresentedKeys;
import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.SingleFlight;
import dev.tokenbroker.token.TokenCacheStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedEvaluationsTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(7);
  private static final String GOOD = ISSUER.credential("acme/payments");
  private static final int PROCESSORS = 2;

  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = Collections.synchronizedList(new ArrayList<>());
  private final GatedVerifier verifier = new GatedVerifier(clock);
  private final Federation federation;
  private final TokenExchange exchange;

  SharedEvaluationsTest(@TempDir Path directory) {
    federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    exchange =
        TestExchange.of(
            federation, clock, List.of(records::add), verifier, TestExchange.minter(clock));
  }

  @Test
  void hands_a_held_token_out_again_without_verifying_and_records_it() {
    Exchanged first = ask(GOOD, "read");
    Exchanged second = ask(GOOD, "read");

    assertThat(token(second)).isSameAs(token(first));
    assertThat(verifier.threads()).hasSize(1);
    assertThat(records).extracting(record -> record.verdict().id()).doesNotHaveDuplicates();
    assertThat(handedLast()).isEqualTo(token(first).id());
    assertThat(records.getLast().verdict().issuer()).isEqualTo("acme");
    assertThat(records.getLast().verdict().rule()).isEqualTo("deploy-payments");
    assertThat(taken(second.verdict())).containsExactly(Step.REQUEST, Step.CACHE);
  }

  @Test
  void takes_requests_for_the_same_only_where_all_of_them_is_the_same() {
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
  void makes_the_successor_of_a_token_once_ahead_of_its_end() {
    IssuedToken first = token(ask(GOOD));
    Duration life = Duration.between(first.issueTime(), first.expireTime());
    clock.advance(life.multipliedBy(4).dividedBy(5).minusMillis(1));

    IssuedToken shown = token(ask(GOOD));
    IssuedToken next = token(ask(GOOD));

    assertThat(shown).isSameAs(first);
    assertThat(next).isNotSameAs(first);
    assertThat(verifier.threads()).hasSize(2);
    assertThat(records)
        .extracting(record -> record.verdict().intent())
        .containsExactly(Intent.EXCHANGE, Intent.REFRESH, Intent.EXCHANGE, Intent.EXCHANGE);
  }

  /** Nothing was begun: were it given up, the held token would end without a successor. */
  @Test
  void puts_a_refresh_off_that_waits_for_too_long_to_be_begun() {
    TestClock processors = new TestClock();
    Duration[] queued = {Duration.ZERO};
    Admission admission =
        new Admission(
            TestAdmissionSettings.defaults(), PROCESSORS, processors::nanoTime, Random::new);
    Evaluations evaluations =
        new Evaluations(() -> Optional.of(federation), List.of(records::add), clock);
    SharedEvaluations shared =
        TestExchange.shared(
            evaluations,
            new SingleFlight<>(
                work -> {
                  processors.advance(queued[0]);
                  work.run();
                }),
            admission,
            clock);
    TokenExchange overloaded =
        TestExchange.of(
            evaluations,
            shared,
            admission,
            verifier,
            TestExchange.once(clock),
            TestExchange.minter(clock),
            clock);
    IssuedToken held = token(ask(overloaded, GOOD));
    Duration life = Duration.between(held.issueTime(), held.expireTime());
    clock.advance(life.multipliedBy(4).dividedBy(5).minusMillis(1));
    TestOverload.of(admission, processors);
    queued[0] = Duration.ofMillis(20);

    assertThat(token(ask(overloaded, GOOD))).isSameAs(held);

    assertThat(verifier.threads()).hasSize(1);
    assertThat(records)
        .filteredOn(record -> record.verdict().intent() == Intent.REFRESH)
        .extracting(record -> record.verdict().reason())
        .containsExactly(RefusalReason.BROKER_OVERLOADED);
    assertThat(shared.cacheStatus())
        .returns(1L, TokenCacheStatus::refreshesBegun)
        .returns(1L, TokenCacheStatus::refreshesPutOff)
        .returns(0L, TokenCacheStatus::refreshesFailed);
  }

  /** Virtual threads can be short of memory; then the room of who got none is not lost. */
  @Test
  void answers_and_records_who_gets_no_thread_and_gives_the_room_back() {
    Admission admission = new Admission(TestAdmissionSettings.defaults());
    Evaluations evaluations =
        new Evaluations(() -> Optional.of(federation), List.of(records::add), clock);
    TokenExchange threadless =
        exchange(
            evaluations,
            admission,
            _ -> {
              throw new InternalError("unable to create native thread");
            });
    try (CapturedLog log = new CapturedLog()) {
      assertThat(ask(threadless, GOOD).verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(log.taken()).hasSize(1);
    }

    assertThat(records).hasSize(1);
    assertThat(admission.status())
        .returns(0, AdmissionStatus::inFlight)
        .returns(0, AdmissionStatus::waiting);
  }

  @Test
  void gives_the_room_of_a_refresh_back_that_gets_no_thread() {
    Admission admission = new Admission(TestAdmissionSettings.defaults());
    Evaluations evaluations =
        new Evaluations(() -> Optional.of(federation), List.of(records::add), clock);
    Queue<Executor> threads = new ArrayDeque<>();
    threads.add(Runnable::run);
    TokenExchange soonThreadless =
        exchange(evaluations, admission, work -> threads.remove().execute(work));
    IssuedToken held = token(ask(soonThreadless, GOOD));
    Duration life = Duration.between(held.issueTime(), held.expireTime());
    clock.advance(life.multipliedBy(4).dividedBy(5).minusMillis(1));

    try (CapturedLog _ = new CapturedLog()) {
      assertThat(token(ask(soonThreadless, GOOD))).isSameAs(held);
    }

    assertThat(records)
        .filteredOn(record -> record.verdict().intent() == Intent.REFRESH)
        .extracting(record -> record.verdict().reason())
        .containsExactly(RefusalReason.INTERNAL_ERROR);
    assertThat(admission.status())
        .returns(0, AdmissionStatus::inFlight)
        .returns(0, AdmissionStatus::waiting);
  }

  private TokenExchange exchange(Evaluations evaluations, Admission admission, Executor threads) {
    return TestExchange.of(
        evaluations,
        TestExchange.shared(evaluations, new SingleFlight<>(threads), admission, clock),
        admission,
        verifier,
        TestExchange.once(clock),
        TestExchange.minter(clock),
        clock);
  }

  @Test
  void evaluates_once_for_all_who_ask_at_once_and_lets_each_keep_its_deadline() throws Exception {
    TokenExchange threaded =
        TestExchange.threaded(
            federation, clock, List.of(records::add), verifier, TestExchange.minter(clock));
    verifier.shut();
    BlockingQueue<Exchanged> patient = new LinkedBlockingQueue<>();
    BlockingQueue<Exchanged> hasty = new LinkedBlockingQueue<>();
    ExchangeRequest request = TestExchange.request("payments-api", GOOD);

    threaded.exchange(request, TestExchange.enough(), TestHome.anywhere(), patient::add);
    verifier.awaitOne();
    threaded.exchange(
        request, Deadline.after(Duration.ofMillis(20)), TestHome.anywhere(), hasty::add);
    for (int at = 0; at < 100; at++) {
      threaded.exchange(request, TestExchange.enough(), TestHome.anywhere(), patient::add);
    }
    Exchanged late = next(hasty);
    assertThat(patient).isEmpty();
    verifier.open();

    assertThat(late.verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(late.verdict().steps())
        .filteredOn(finding -> finding.result() == Result.FAILED)
        .extracting(Finding::step)
        .containsExactly(Step.FORMAT);
    IssuedToken first = token(next(patient));
    for (int at = 0; at < 100; at++) {
      assertThat(token(next(patient))).isSameAs(first);
    }
    assertThat(verifier.threads()).hasSize(1);
    assertThat(records).hasSize(102);
    assertThat(records).filteredOn(record -> !record.joined()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "KEY, KEYS_UNREACHABLE",
    "UPSTREAM, UPSTREAM_TIMED_OUT",
    "SIGNATURE, BROKER_OVERLOADED",
  })
  void tells_who_set_no_deadline_what_took_too_long(Step step, RefusalReason reason)
      throws Exception {
    TokenExchange bounded = bounded(2);
    verifier.holdAt(step);
    BlockingQueue<Exchanged> held = new LinkedBlockingQueue<>();
    BlockingQueue<Exchanged> limited = new LinkedBlockingQueue<>();
    hold(bounded, held);
    ask(bounded, Deadline.limit(Duration.ofMillis(1)), limited);
    Verdict verdict = next(limited).verdict();
    verifier.open();

    assertThat(verdict.reason()).isEqualTo(reason);
    assertThat(verdict.steps())
        .filteredOn(finding -> finding.result() == Result.FAILED)
        .extracting(Finding::step)
        .containsExactly(step);
    assertThat(next(held)).isNotNull();
  }

  @Test
  void sends_away_who_would_share_beyond_the_bound_and_serves_the_others() throws Exception {
    TokenExchange bounded = bounded(2);
    BlockingQueue<Exchanged> answers = new LinkedBlockingQueue<>();
    hold(bounded, answers);
    for (int at = 0; at < 2; at++) {
      ask(bounded, TestExchange.enough(), answers);
    }
    Verdict sentAway = ask(bounded, GOOD).verdict();
    verifier.open();

    assertThat(sentAway.reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(sentAway.isShed()).isTrue();
    IssuedToken first = token(next(answers));
    for (int at = 0; at < 2; at++) {
      assertThat(token(next(answers))).isSameAs(first);
    }
    assertThat(verifier.threads()).hasSize(1);
  }

  @Test
  void lets_others_share_in_the_place_of_who_has_left() throws Exception {
    TokenExchange bounded = bounded(1);
    BlockingQueue<Exchanged> patient = new LinkedBlockingQueue<>();
    BlockingQueue<Exchanged> hasty = new LinkedBlockingQueue<>();
    hold(bounded, patient);
    for (int at = 0; at < 3; at++) {
      ask(bounded, Deadline.after(Duration.ofMillis(1)), hasty);
      assertThat(next(hasty).verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    }
    ask(bounded, TestExchange.enough(), patient);
    verifier.open();

    IssuedToken first = token(next(patient));
    assertThat(token(next(patient))).isSameAs(first);
  }

  @Test
  void lets_others_share_in_the_place_of_who_has_gone_away() throws Exception {
    TokenExchange bounded = bounded(1);
    BlockingQueue<Exchanged> patient = new LinkedBlockingQueue<>();
    List<Exchanged> left = new ArrayList<>();
    hold(bounded, patient);
    for (int at = 0; at < 3; at++) {
      TestPresence caller = new TestPresence();
      ask(bounded, TestHome.of(caller), left::add);
      assertThat(left).hasSize(at);
      caller.goAway();
      assertThat(left).hasSize(at + 1);
    }
    TestPresence last = new TestPresence();
    ask(bounded, TestHome.of(last), patient::add);
    verifier.open();

    IssuedToken first = token(next(patient));
    assertThat(token(next(patient))).isSameAs(first);
    last.goAway();
    assertThat(left)
        .flatExtracting(ended -> ended.verdict().steps())
        .filteredOn(finding -> finding.result() == Result.FAILED)
        .extracting(Finding::seen)
        .hasSize(3)
        .allMatch(seen -> seen.startsWith("a caller who went away"));
    assertThat(records).hasSize(5);
  }

  private TokenExchange bounded(int maxInFlight) {
    Admission admission =
        new Admission(
            TestAdmissionSettings.defaults().withMaxInFlight(maxInFlight).withPerCredential(0, 0));
    Evaluations evaluations =
        new Evaluations(() -> Optional.of(federation), List.of(records::add), clock);
    return TestExchange.of(
        evaluations,
        TestExchange.shared(evaluations, new SingleFlight<>(), admission, clock),
        admission,
        verifier,
        TestExchange.once(clock),
        TestExchange.minter(clock),
        clock);
  }

  /** Has an evaluation begin, and held up. */
  private void hold(TokenExchange exchange, BlockingQueue<Exchanged> answers) {
    verifier.shut();
    ask(exchange, TestExchange.enough(), answers);
    verifier.awaitOne();
  }

  private static void ask(
      TokenExchange exchange, Deadline deadline, BlockingQueue<Exchanged> answers) {
    exchange.exchange(
        TestExchange.request("payments-api", GOOD), deadline, TestHome.anywhere(), answers::add);
  }

  private static void ask(TokenExchange exchange, Home home, Consumer<Exchanged> answer) {
    exchange.exchange(
        TestExchange.request("payments-api", GOOD), TestExchange.enough(), home, answer);
  }

  @Test
  void gives_the_token_of_a_bound_credential_to_who_has_proved_to_hold_its_key_only() {
    String bound = bound();
    assertThat(token(ask(bound, PresentedKeys.of("certificate", null)))).isNotNull();
    assertThat(token(ask(bound, PresentedKeys.of("certificate", null)))).isNotNull();
    assertThat(verifier.threads()).hasSize(1);

    for (PresentedKeys others :
        List.of(PresentedKeys.NONE, PresentedKeys.of("another certificate", null))) {
      Exchanged refused = ask(bound, others);
      assertThat(refused.verdict().reason()).isEqualTo(RefusalReason.CREDENTIAL_KEY_NOT_PROVED);
      assertThat(refused.verdict().rule()).isNull();
    }
  }

  @Test
  void explains_that_the_key_of_a_bound_credential_is_not_proved() {
    Verdict verdict =
        exchange.explain(TestExchange.request("payments-api", bound()), TestExchange.enough());
    assertThat(verdict.reason()).isEqualTo(RefusalReason.CREDENTIAL_KEY_NOT_PROVED);
    assertThat(verdict.steps())
        .filteredOn(finding -> finding.result() == Result.FAILED)
        .extracting(Finding::step)
        .containsExactly(Step.BINDING);
  }

  private static String bound() {
    long now = TestClock.START.getEpochSecond();
    return ISSUER.sign(
        """
        {"iss":"%s","sub":"bound","aud":"%s","exp":%d,"iat":%d,"repository":"acme/payments",\
        "cnf":{"x5t#S256":"certificate"}}"""
            .formatted(SeededIssuer.ISSUER, SeededIssuer.AUDIENCE, now + 500, now));
  }

  private Exchanged ask(String credential, PresentedKeys keys) {
    return TestExchange.exchange(
        exchange,
        new ExchangeRequest(
            "payments-api", credential, "", List.of(), null, false, "grpc", "", keys, List.of()),
        TestExchange.enough());
  }

  @Test
  void judges_on_the_thread_of_a_caller_whose_turn_has_time() throws Exception {
    Exchanged ended = askAtHome();

    assertThat(verifier.threads()).containsExactly(Thread.currentThread());
    assertThat(token(ended).id()).isEqualTo(handedLast());
    assertThat(records).hasSize(1);
  }

  @Test
  void judges_anew_on_a_thread_of_its_own_what_takes_time() throws Exception {
    verifier.takeTime();
    Exchanged ended = askAtHome();

    assertThat(verifier.threads()).hasSize(2).first().isSameAs(Thread.currentThread());
    assertThat(verifier.threads().getLast().isVirtual()).isTrue();
    assertThat(token(ended).id()).isEqualTo(handedLast());
    assertThat(ended.verdict().steps()).extracting(Finding::result).doesNotContain(Result.FAILED);
    assertThat(records).hasSize(1);
  }

  @Test
  void judges_in_a_later_turn_what_there_is_no_time_for_where_all_processors_are_taken()
      throws Exception {
    Exchanged ended = askAtHome(Duration.ZERO, new Crowd(1));

    assertThat(verifier.threads()).containsExactly(Thread.currentThread());
    assertThat(token(ended).id()).isEqualTo(handedLast());
    assertThat(records).hasSize(1);
  }

  @Test
  void judges_on_a_thread_of_its_own_what_there_is_no_time_for_where_a_processor_is_free()
      throws Exception {
    Exchanged ended = askAtHome(Duration.ZERO, new Crowd(2));

    assertThat(verifier.threads()).hasSize(1).allMatch(Thread::isVirtual);
    assertThat(token(ended).id()).isEqualTo(handedLast());
  }

  @Test
  void judges_anew_on_a_thread_of_its_own_what_takes_time_in_a_later_turn() throws Exception {
    verifier.takeTime();
    Exchanged ended = askAtHome(Duration.ZERO, new Crowd(1));

    assertThat(verifier.threads()).hasSize(2).first().isSameAs(Thread.currentThread());
    assertThat(verifier.threads().getLast().isVirtual()).isTrue();
    assertThat(token(ended).id()).isEqualTo(handedLast());
  }

  private Exchanged askAtHome() throws InterruptedException {
    return askAtHome(Duration.ofMinutes(1), new Crowd(1));
  }

  /** Asks like an event loop, and does what its turns have to do. */
  private Exchanged askAtHome(Duration timeOfTurn, Crowd crowd) throws InterruptedException {
    BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    Home home = TestHome.of(new Turn(tasks::add, tasks::add, crowd, timeOfTurn, clock::nanoTime));
    List<Exchanged> answers = new ArrayList<>();
    TestExchange.threaded(
            federation, clock, List.of(records::add), verifier, TestExchange.minter(clock))
        .exchange(
            TestExchange.request("payments-api", GOOD), TestExchange.enough(), home, answers::add);
    while (answers.isEmpty()) {
      Objects.requireNonNull(tasks.poll(1, TimeUnit.MINUTES)).run();
    }
    return answers.getFirst();
  }

  private Exchanged ask(String credential, String... scopes) {
    return ask(exchange, credential, scopes);
  }

  private static Exchanged ask(TokenExchange exchange, String credential, String... scopes) {
    return TestExchange.exchange(
        exchange, TestExchange.request("payments-api", credential, scopes), TestExchange.enough());
  }

  private String handedLast() {
    return Objects.requireNonNull(records.getLast().token()).id();
  }

  private static List<Step> taken(Verdict verdict) {
    return verdict.steps().stream()
        .filter(finding -> finding.result() == Result.PASSED)
        .map(Finding::step)
        .toList();
  }
}
