package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.Admission.AdmissionStatus;
import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.evaluate.exchange.admission.TestAdmissionSettings;
import dev.tokenbroker.evaluate.exchange.admission.TestOverload;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.cache.Flight;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens.CacheEntry;
import dev.tokenbroker.evaluate.exchange.cache.TestFlights;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Evaluations that get their thread when the test says so. */
class EvaluationThreadsTest {

  private static final Deadline PASSED = Deadline.after(Duration.ofMillis(-1));
  private static final int MAX_IN_FLIGHT = 4;

  private final TestClock processors = new TestClock();
  private final TestFlights flights = new TestFlights(new TestClock());
  private final Queue<Runnable> started = new ArrayDeque<>();
  private final Admission admission = admission(MAX_IN_FLIGHT);
  private final EvaluationThreads threads = threads(admission);
  private final IssuedToken token = flights.token(Duration.ofMinutes(10));

  /** What was landed, in order. */
  private final List<EvaluationResult<IssuedToken>> landed = new ArrayList<>();

  /** What an evaluation comes to. */
  private Supplier<Outcome<IssuedToken>> steps = () -> Outcome.accepted(token);

  @Test
  void evaluate_once_a_thread_is_there_and_land_the_flight() {
    Flight flight = flights.flight("key");

    begin(flight);

    assertThat(landed).isEmpty();
    assertThat(threads.status().underWay()).isEqualTo(1);
    assertThat(admission.status().waiting()).isEqualTo(1);
    run();
    assertThat(landed).singleElement().returns(Outcome.accepted(token), EvaluationResult::outcome);
    assertThat(threads.status().underWay()).isZero();
    assertThat(threads.status().begun()).isEqualTo(1);
    assertThatNoRoomIsTaken();
  }

  @Test
  void do_nothing_for_a_flight_that_has_landed() {
    Flight flight = flights.flight("key");
    flight.complete(new CacheEntry(flights.granted(token), null));

    begin(flight);

    assertThat(started).isEmpty();
    assertThat(landed).isEmpty();
    assertThat(threads.status().begun()).isZero();
  }

  @Test
  void have_no_evaluation_under_way_when_its_flight_lands() {
    List<Integer> underWay = new ArrayList<>();
    threads.begin(
        flights.flight("key"),
        (_, _) -> Outcome.accepted(token),
        (_, _) -> underWay.add(threads.status().underWay()));
    run();
    assertThat(underWay).containsExactly(0);
  }

  @Test
  void land_at_once_what_is_not_admitted() {
    for (int at = 0; at < MAX_IN_FLIGHT; at++) {
      begin(flights.flight("key " + at));
    }

    begin(flights.flight("one too many"));

    assertThatItIsNotAdmitted(RefusalReason.BROKER_OVERLOADED);
    assertThat(threads.status().underWay()).isEqualTo(MAX_IN_FLIGHT);
    assertThat(threads.status().begun()).isEqualTo(MAX_IN_FLIGHT);
  }

  @Test
  void evaluate_nothing_that_no_caller_waits_for() {
    begin(flights.flight("key", PASSED));

    assertThatItIsNotAdmitted(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(started).isEmpty();
    assertThatNoRoomIsTaken();
  }

  @Test
  void evaluate_for_a_caller_that_joined_later() {
    Flight flight = flights.flight("key", PASSED);
    flight.within(enough(), TestFlights.ALARMS);

    begin(flight);
    run();

    assertThat(landed).singleElement().returns(Outcome.accepted(token), EvaluationResult::outcome);
  }

  @Test
  void skip_work_that_waited_too_long_in_an_overloaded_broker() {
    Admission wide = admission(4096);
    TestOverload overload = TestOverload.of(wide, processors);
    EvaluationThreads overloaded = threads(wide);
    steps = EvaluationThreadsTest::never;
    overload.admit(CredentialDigest.of("another")).close(); // so that there is a place
    begin(overloaded, flights.flight("key"));

    overload.goOn(Duration.ofMillis(501));
    run();

    assertThatItIsNotAdmitted(RefusalReason.BROKER_OVERLOADED);
    assertThat(overloaded.status().underWay()).isZero();
  }

  private void assertThatItIsNotAdmitted(RefusalReason reason) {
    assertThat(landed)
        .singleElement()
        .satisfies(result -> assertThat(result.isNotAdmitted()).isTrue())
        .satisfies(result -> assertThat(reason(result.outcome())).isEqualTo(reason));
  }

  static Stream<Throwable> bugs() {
    return Stream.of(
        new IllegalStateException("a bug"),
        new StackOverflowError(),
        new NoClassDefFoundError("lost"),
        new AssertionError("a bug"));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void complete_a_flight_that_ends_in_a_bug_and_log_it_once(Throwable bug) {
    steps =
        () -> {
          throw EvaluationThreadsTest.<RuntimeException>raised(bug);
        };
    begin(flights.flight("key"));
    try (CapturedLog log = new CapturedLog()) {
      run();
      assertThat(log.taken()).hasSize(1);
    }
    assertThatItIsAnInternalErrorAt(Step.FORMAT);
  }

  /** Virtual threads can be short of memory; then the room of who got none is not lost. */
  @ParameterizedTest
  @MethodSource("noThreads")
  void land_a_flight_that_gets_no_thread_and_give_its_room_back(Throwable noThread) {
    EvaluationThreads threadless =
        new EvaluationThreads(
            admission,
            Duration.ofSeconds(10),
            _ -> {
              throw EvaluationThreadsTest.<RuntimeException>raised(noThread);
            });
    try (CapturedLog log = new CapturedLog()) {
      begin(threadless, flights.flight("key"));
      assertThat(log.taken()).hasSize(1);
    }
    assertThatItIsAnInternalErrorAt(Step.ADMISSION);
    assertThat(threadless.status().underWay()).isZero();
  }

  static Stream<Throwable> noThreads() {
    return Stream.of(
        new InternalError("unable to create native thread"),
        new OutOfMemoryError("unable to create native thread"),
        new RejectedExecutionException("shut down"));
  }

  private void assertThatItIsAnInternalErrorAt(Step step) {
    assertThat(landed)
        .singleElement()
        .satisfies(result -> assertThat(result.trail().failed()).isEqualTo(step))
        .satisfies(
            result -> assertThat(reason(result.outcome())).isEqualTo(RefusalReason.INTERNAL_ERROR));
    assertThatNoRoomIsTaken();
  }

  @Test
  void let_callers_join_up_to_three_quarters_of_the_evaluations() {
    Flight shared = flights.flight("key");
    for (int at = 0; at < 3; at++) {
      Evaluation run = flights.run("key");
      assertThat(join(shared, run)).isNotCompleted();
      assertThat(joined(run)).isTrue();
    }

    Evaluation refused = flights.run("key");
    EvaluationResult<IssuedToken> full = Endings.now(join(shared, refused));

    assertThat(reason(full.outcome())).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(full.isNotAdmitted()).isTrue();
    assertThat(joined(refused)).isFalse();
    assertThat(shared.context().trail().failed()).isNull();
    assertThat(threads.status().joined()).isEqualTo(3);
  }

  @Test
  void let_others_join_in_the_place_of_callers_that_have_left() {
    Flight shared = flights.flight("key");
    for (int at = 0; at < 10; at++) {
      EvaluationResult<IssuedToken> left =
          Endings.of(join(shared, flights.run("key"), Deadline.after(Duration.ofMillis(1))));
      assertThat(reason(left.outcome())).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    }
    assertThat(join(shared, flights.run("key"))).isNotCompleted();
  }

  @Test
  void have_no_sharers_once_the_flight_has_landed() {
    Flight shared = flights.flight("key");
    List<CompletionStage<EvaluationResult<IssuedToken>>> all = new ArrayList<>();
    for (int at = 0; at < 3; at++) {
      all.add(join(shared, flights.run("key")));
    }
    EvaluationResult<IssuedToken> result = flights.granted(token);
    shared.complete(new CacheEntry(result, null));
    assertThat(Endings.all(all)).hasSize(3).containsOnly(result);
    assertThat(shared.sharers()).hasValue(0);
  }

  @Test
  void evaluate_for_an_explanation_on_the_thread_of_its_caller() {
    Grant grant = Grants.of("payments-api", "somebody");
    EvaluationResult<Grant> here =
        threads.here(
            flights.flight("key").context(),
            enough(),
            _ -> {
              assertThat(admission.status().inFlight()).isEqualTo(1);
              return Outcome.accepted(grant);
            });
    assertThat(here.outcome()).isEqualTo(Outcome.accepted(grant));
    assertThat(started).isEmpty();
    assertThatNoRoomIsTaken();
  }

  @Test
  void evaluate_no_explanation_whose_deadline_has_passed() {
    EvaluationResult<Grant> late =
        threads.here(
            flights.flight("key").context(),
            PASSED,
            _ -> Unchecked.raise(new AssertionError("nothing is to be evaluated")));
    assertThat(reason(late.outcome())).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(late.isNotAdmitted()).isTrue();
  }

  @Test
  void tell_callers_who_are_one_too_many_when_to_come_back() {
    Refusal refusal =
        Outcomes.refused(threads.overloaded().outcome(), RefusalReason.BROKER_OVERLOADED);
    assertThat(refusal.retryAfter()).isNotNull();
    assertThat(admission.status().refusedInFlight()).isEqualTo(1);
  }

  private CompletableFuture<EvaluationResult<IssuedToken>> join(Flight shared, Evaluation run) {
    return join(shared, run, enough()).toCompletableFuture();
  }

  private CompletionStage<EvaluationResult<IssuedToken>> join(
      Flight shared, Evaluation run, Deadline deadline) {
    return threads.join(shared, flights.flight("key"), run, deadline);
  }

  private boolean joined(Evaluation run) {
    return run.record(flights.granted(token)).joined();
  }

  private void begin(Flight flight) {
    begin(threads, flight);
  }

  private void begin(EvaluationThreads on, Flight flight) {
    on.begin(flight, (_, _) -> steps.get(), (_, result) -> landed.add(result));
  }

  /** Gives a thread to the evaluation that has waited longest for it. */
  private void run() {
    started.remove().run();
  }

  private EvaluationThreads threads(Admission admitting) {
    return new EvaluationThreads(admitting, Duration.ofSeconds(10), started::add);
  }

  private Admission admission(int maxInFlight) {
    return new Admission(
        TestAdmissionSettings.defaults().withMaxInFlight(maxInFlight).withPerCredential(0, 1),
        2,
        TestClocks.seeded(processors, 1));
  }

  private void assertThatNoRoomIsTaken() {
    assertThat(admission.status())
        .returns(0, AdmissionStatus::inFlight)
        .returns(0, AdmissionStatus::waiting);
  }

  private static Outcome<IssuedToken> never() {
    throw new AssertionError("nothing is to be evaluated");
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> T raised(Throwable failure) throws T {
    throw (T) failure;
  }
}
