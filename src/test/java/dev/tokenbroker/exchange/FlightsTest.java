package dev.tokenbroker.exchange;

import static dev.tokenbroker.exchange.Endings.failed;
import static dev.tokenbroker.exchange.Endings.token;
import static dev.tokenbroker.outcome.Outcomes.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.credential.JwtVerifier;
import dev.tokenbroker.credential.UsedCredentials;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.token.CacheKey;
import dev.tokenbroker.token.CredentialDigest;
import dev.tokenbroker.token.Flight;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.SingleFlight;
import dev.tokenbroker.token.TokenMinter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Evaluations of one request, each of which is made when the test says so. */
class FlightsTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(31);
  private static final String GOOD = ISSUER.credential("acme/payments");

  private final TestClock clock = new TestClock();
  private final Queue<Runnable> started = new ArrayDeque<>();
  private final Queue<Runnable> atTheDoor = new ArrayDeque<>();
  private final List<Exchanged> answers = new ArrayList<>();
  private final AtomicBoolean minted = new AtomicBoolean();
  private final OnceOnly once = new OnceOnly(new UsedCredentials(3, clock));
  private final TokenMinter minter = TestExchange.minter(clock);
  private final Federation federation;
  private final Evaluations evaluations;
  private final Flights flights;

  FlightsTest(@TempDir Path directory) {
    federation = TestExchange.federation(directory, ISSUER.federation("once: true"), clock);
    evaluations = new Evaluations(() -> Optional.of(federation), List.of(), clock);
    Admission admission =
        new Admission(
            TestAdmissionSettings.defaults().withMaxInFlight(2).withPerCredential(0, 0),
            2,
            this::nanosAtTheDoor,
            Random::new);
    flights =
        TestExchange.shared(evaluations, new SingleFlight<>(started::add), admission, clock)
            .flights();
  }

  @Test
  void who_comes_once_an_evaluation_was_given_up_is_judged_anew() {
    TestPresence gone = new TestPresence();
    Flight<SharedJudgement, Judged<IssuedToken>> left = board(TestHome.of(gone));
    gone.goAway();
    assertThat(reason(left.work().get().outcome())).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);

    Flight<SharedJudgement, Judged<IssuedToken>> anew = board(TestHome.anywhere());
    started.remove().run();

    assertThat(anew.isDone()).isFalse();
    assertThat(flights.underWay()).isOne();
    started.remove().run();
    assertThat(accepted(anew.result().outcome())).isNotNull();
    assertThat(flights.underWay()).isZero();
    assertThat(flights.joined()).isZero();
  }

  /** Whose time was over when the work was begun, and whose alarm has not gone off yet. */
  @ParameterizedTest
  @MethodSource("deadlines")
  void who_is_still_there_is_told_by_its_own_deadline_why_it_was_given_up(
      Deadline deadline, RefusalReason reason) {
    AtomicBoolean over = new AtomicBoolean(true);
    Waiting waiting = new Waiting(deadline, TestHome.leftWhere(over::get), answers::add);
    Evaluation run = evaluation();
    Flight<SharedJudgement, Judged<IssuedToken>> boarded = board(run, waiting);
    started.remove().run();
    over.set(false);

    waiting.waitFor(boarded, run, evaluations, () -> flights.left(boarded));

    assertThat(reason(boarded.result().outcome())).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().verdict().reason()).isEqualTo(reason);
    assertThat(failed(answers.getFirst().verdict())).isEqualTo(Step.ADMISSION);
  }

  static Stream<Arguments> deadlines() {
    return Stream.of(
        Arguments.of(Deadline.limit(Duration.ofMinutes(1)), RefusalReason.BROKER_OVERLOADED),
        Arguments.of(Deadline.after(Duration.ofMinutes(1)), RefusalReason.DEADLINE_EXCEEDED));
  }

  @Test
  void who_comes_before_an_evaluation_is_given_up_keeps_it_going() {
    TestPresence gone = new TestPresence();
    Flight<SharedJudgement, Judged<IssuedToken>> left = board(TestHome.of(gone));
    gone.goAway();
    Flight<SharedJudgement, Judged<IssuedToken>> shared = board(TestHome.anywhere());
    started.remove().run();

    assertThat(shared.work()).isSameAs(left.work());
    assertThat(accepted(shared.result().outcome())).isNotNull();
    assertThat(flights.joined()).isOne();
  }

  /** What nobody takes is undone: who has boarded, and does not wait yet, is somebody. */
  @Test
  void who_has_boarded_gets_a_token_for_one_where_the_other_leaves_as_it_lands() {
    Waiting leaving = waiting(TestHome.of(new LeavingOnceMinted(minted)));
    Evaluation leavings = evaluation();
    Flight<SharedJudgement, Judged<IssuedToken>> left = board(leavings, leaving);
    leaving.waitFor(left, leavings, evaluations, () -> flights.left(left));
    Waiting staying = waiting(TestHome.anywhere());
    Evaluation stayings = evaluation();
    Flight<SharedJudgement, Judged<IssuedToken>> boarded = board(stayings, staying);

    started.remove().run();
    staying.waitFor(boarded, stayings, evaluations, () -> flights.left(boarded));

    assertThat(answers).hasSize(2);
    assertThat(answers.getFirst().verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    token(answers.getLast());
  }

  @Test
  void nobody_is_counted_as_spared_an_evaluation_who_was_sent_away() {
    atTheDoor.add(
        () -> {
          for (int caller = 0; caller < 3; caller++) {
            board(TestHome.anywhere());
          }
        });

    Outcome<Flight<SharedJudgement, Judged<IssuedToken>>> tooMany =
        flights.board(judgement(evaluation()), waiting(TestHome.anywhere()));

    assertThat(reason(tooMany)).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(flights.begun()).isOne();
    assertThat(flights.joined()).isEqualTo(2);
  }

  @Test
  void a_refresh_that_finds_an_evaluation_under_way_is_no_caller() {
    board(TestHome.anywhere());
    Evaluation refreshed = evaluation();
    Admitted.Permit permit = (Admitted.Permit) flights.admit(refreshed.credential());

    assertThat(flights.refresh(judgement(refreshed), permit).isLeader()).isFalse();

    assertThat(flights.joined()).isZero();
  }

  private Flight<SharedJudgement, Judged<IssuedToken>> board(Home home) {
    return board(evaluation(), waiting(home));
  }

  private Flight<SharedJudgement, Judged<IssuedToken>> board(Evaluation run, Waiting caller) {
    return accepted(flights.board(judgement(run), caller));
  }

  private Waiting waiting(Home home) {
    return new Waiting(TestExchange.enough(), home, answers::add);
  }

  private Evaluation evaluation() {
    return evaluations.open(TestExchange.request("payments-api", GOOD), Intent.EXCHANGE);
  }

  private Judgement judgement(Evaluation run) {
    Posed posed = new Posed(accepted(RequestRules.check(run.request())), federation, this::issue);
    CacheKey key = posed.key(CredentialDigest.of(GOOD));
    return new Judgement(run.id(), key, posed, run.began());
  }

  private Outcome<IssuedToken> issue(Judgement run, Deadline deadline) {
    return new JwtVerifier(clock)
        .verify(run.asked().credential(), federation.issuers(), deadline, run.trail())
        .map(run::identified)
        .then(
            identity ->
                federation
                    .policy()
                    .authorise(identity, run.asked().grant(), run.began(), run.trail()))
        .map(run::granted)
        .then(grant -> once.issue(run, grant, () -> mint(grant)));
  }

  private Outcome<IssuedToken> mint(Grant grant) {
    minted.set(true);
    return minter.mint(grant);
  }

  /** Somebody else may come while one stands at the door. */
  private long nanosAtTheDoor() {
    Runnable others = atTheDoor.poll();
    if (others != null) {
      others.run();
    }
    return clock.nanoTime();
  }

  private static RefusalReason reason(Outcome<?> outcome) {
    Refusal refusal = ((Outcome.Refused<?>) outcome).refusal();
    return refusal.reason();
  }
}
