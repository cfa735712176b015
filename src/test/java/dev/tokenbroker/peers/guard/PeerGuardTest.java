package dev.tokenbroker.peers.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.guard.Guarded.Rejection;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.Roster.Rank;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class PeerGuardTest {

  private static final Deadline FAR = Deadline.after(Duration.ofHours(2));
  private static final Duration JUST = Duration.ofNanos(1);

  private final TestClock clock = new TestClock();
  private final AtomicInteger sent = new AtomicInteger();

  @Test
  void answers_what_the_peer_answers() {
    PeerGuard guard = guard(GuardValues.defaults());

    assertThat(guard.call("key", FAR, done("token")))
        .isEqualTo(new Guarded.GuardAnswered<>("token"));
    PeerStatus status = guard.status();
    assertThat(status.attempts()).isEqualTo(1);
    assertThat(status.needed()).isEqualTo(1);
    assertThat(status.successes()).isEqualTo(1);
    assertThat(status.inFlight()).isZero();
    assertThat(status.limit()).isEqualTo(32);
    assertThat(status.circuit()).isEqualTo(CircuitState.CLOSED);
  }

  @Test
  void tries_again_after_a_failure() {
    PeerGuard guard = guard(GuardValues.defaults());

    Guarded<String> end =
        guard.call("key", FAR, limit -> sent.incrementAndGet() < 3 ? fail() : did("token"));

    assertThat(end).isEqualTo(new Guarded.GuardAnswered<>("token"));
    PeerStatus status = guard.status();
    assertThat(status.needed()).isEqualTo(1);
    assertThat(status.retries()).isEqualTo(2);
    assertThat(status.budgetTokens()).isCloseTo(3.1, within(1e-9));
    assertThat(status.headroom()).isCloseTo(3.1, within(1e-9));
    assertThat(status.attemptsPerNeeded()).isEqualTo(3);
    assertThat(status.boundRatio()).isCloseTo(3 / 6.1, within(1e-9));
  }

  @Test
  void stops_after_the_set_attempts_and_reports_the_last_result() {
    Guarded<String> end =
        guard(GuardValues.defaults())
            .call("key", FAR, limit -> failed("failure " + sent.incrementAndGet(), true, null));

    assertThat(end)
        .isInstanceOfSatisfying(
            Guarded.GuardedFailure.class,
            failed -> {
              assertThat(failed.lastValue()).isEqualTo("failure 3");
              assertThat(failed.attempts()).isEqualTo(3);
            });
  }

  @Test
  void does_not_try_again_what_must_not_be_repeated() {
    Guarded<String> end =
        guard(GuardValues.defaults()).call("key", FAR, limit -> failed("lost", false, null));

    assertThat(end).isEqualTo(new Guarded.GuardedFailure<>("lost", 1, Duration.ZERO));
  }

  static List<Arguments> waits() {
    Duration wait = Duration.ofMillis(500);
    return List.of(
        argumentSet("not over before the deadline", Deadline.after(wait), wait),
        argumentSet("long", FAR, Duration.ofMinutes(2)));
  }

  @ParameterizedTest
  @MethodSource("waits")
  void leaves_a_wait_that_the_peer_asks_for_to_the_caller(Deadline deadline, Duration wait) {
    PeerGuard guard = guard(GuardValues.defaults());

    Guarded<String> end = guard.call("key", deadline, limit -> failed("later", true, wait));

    assertThat(end).isEqualTo(new Guarded.GuardedFailure<>("later", 1, wait));
    assertThat(guard.status().budgetTokens()).isEqualTo(5);
  }

  @Test
  void asks_nothing_for_an_account_before_the_peer_wants_it_to() {
    PeerGuard guard = guard(GuardValues.defaults());
    guard.call("key", FAR, limit -> failed("later", false, Duration.ofSeconds(30)));

    clock.advance(Duration.ofSeconds(30).minus(JUST));
    assertThat(rejection(guard.call("key", FAR, done("token")))).isEqualTo(Rejection.HELD);
    assertThat(rejection(guard.call("other", FAR, done("token")))).isEqualTo(Rejection.HELD);
    assertThat(guard.call("key", "account", FAR, done("token")))
        .isInstanceOf(Guarded.GuardAnswered.class);

    clock.advance(JUST);
    assertThat(guard.call("key", FAR, done("token"))).isInstanceOf(Guarded.GuardAnswered.class);
    assertThat(guard.status().retries()).isEqualTo(1);
  }

  /** Equal accounts of all guards: two targets of one App, two roles of one account. */
  @Test
  void pauses_an_account_at_every_guard_and_between_two_attempts() {
    TestClocks clocks = new TestClocks(clock, clock::nanoTime);
    PeerGuards guards =
        new PeerGuards(GuardValues.defaults(), new Roster(false, new TestStore(), clocks), clocks);
    PeerGuard first = guards.of("first");
    PeerGuard second = guards.of("second");

    Guarded<String> end =
        first.call(
            "key",
            "account",
            FAR,
            limit -> {
              sent.incrementAndGet();
              second.call(
                  "its", "account", FAR, _ -> failed("later", false, Duration.ofSeconds(7)));
              return failed("broken", true, null);
            });

    assertThat(end).isInstanceOf(Guarded.GuardedFailure.class);
    assertThat(sent).hasValue(1);
    assertThat(first.isPaused("account")).isTrue();
    assertThat(first.isPaused("other")).isFalse();
    clock.advance(Duration.ofSeconds(7));
    assertThat(first.isPaused("account")).isFalse();
  }

  /** The budget is not spent, and to come back sooner is of no use. */
  @Test
  void takes_a_wait_of_ages_for_a_minute_and_keeps_no_place() {
    PeerGuard guard = guard(GuardValues.defaults());
    Guarded<String> end =
        guard.call("key", FAR, limit -> failed("later", false, Duration.ofDays(365L * 56_000)));

    assertThat(end).isInstanceOf(Guarded.GuardedFailure.class);
    assertThat(guard.status().inFlight()).isZero();
    clock.advance(GuardValues.defaults().maxRetryAfter());
    assertThat(guard.call("key", FAR, done("token"))).isInstanceOf(Guarded.GuardAnswered.class);
  }

  @Test
  void spreads_retries_after_the_time_that_the_peer_wants() {
    for (LongUnaryOperator drawn : List.<LongUnaryOperator>of(most -> 0, PeerGuardTest::longest)) {
      PeerGuard guard = guard(GuardValues.defaults(), drawn);
      guard.call("key", FAR, limit -> failed("later", false, Duration.ofSeconds(30)));
      clock.advance(Duration.ofSeconds(10));

      Guarded<String> end = guard.call("key", FAR, done("token"));

      Duration spread = Duration.ofMillis(drawn.applyAsLong(5_001));
      assertThat(end)
          .isEqualTo(
              new Guarded.GuardRejected<>(Rejection.HELD, Duration.ofSeconds(20).plus(spread)));
      assertThat(guard.status().rejectedByHold()).isEqualTo(1);
      assertThat(guard.status().rejectedByBudget()).isZero();
    }
  }

  @Test
  void rejects_what_failed_a_moment_ago_once_the_budget_is_spent() {
    PeerGuard guard = guard(once().withBudget(1, 0.1).withCircuit(100, Duration.ofSeconds(2)));
    guard.call("key", FAR, failing());
    guard.call("key", FAR, failing());
    clock.advance(Duration.ofSeconds(1));

    Guarded<String> end = guard.call("key", FAR, done("token"));

    assertThat(end)
        .isInstanceOfSatisfying(
            Guarded.GuardRejected.class,
            rejected -> {
              assertThat(rejected.why()).isEqualTo(Rejection.BUDGET_EXHAUSTED);
              assertThat(rejected.retryAfter())
                  .isBetween(Duration.ofMillis(1), Duration.ofSeconds(4));
            });
    assertThat(guard.status().rejectedByBudget()).isEqualTo(1);
    assertThat(guard.status().attempts()).isEqualTo(2);
  }

  @Test
  void spreads_callers_over_the_whole_rest_of_the_cool_down() {
    PeerGuard guard =
        guard(
            once().withBudget(0, 0).withCircuit(100, Duration.ofSeconds(2)),
            PeerGuardTest::longest);
    guard.call("key", FAR, failing());
    clock.advance(Duration.ofSeconds(1));

    assertThat(guard.call("key", FAR, done("token")))
        .isEqualTo(new Guarded.GuardRejected<>(Rejection.BUDGET_EXHAUSTED, Duration.ofSeconds(4)));
  }

  @Test
  void needs_what_failed_again_exactly_a_cool_down_later() {
    PeerGuard guard = guard(once().withBudget(0, 0).withCircuit(100, Duration.ofSeconds(2)));
    guard.call("key", FAR, failing());

    clock.advance(Duration.ofSeconds(5).minus(JUST));
    assertThat(rejection(guard.call("key", FAR, done("token"))))
        .isEqualTo(Rejection.BUDGET_EXHAUSTED);
    clock.advance(JUST);

    assertThat(guard.call("key", FAR, done("token"))).isInstanceOf(Guarded.GuardAnswered.class);
  }

  @Test
  void opens_after_failures_in_a_row_and_then_makes_no_attempt() {
    PeerGuard guard = guard(once());
    fail(guard, 5);
    assertThat(guard.status().circuit()).isEqualTo(CircuitState.OPEN);

    Guarded<String> end = guard.call("new", FAR, done("token"));

    assertThat(rejection(end)).isEqualTo(Rejection.CIRCUIT_OPEN);
    assertThat(((Guarded.GuardRejected<String>) end).retryAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(guard.status().rejectedByCircuit()).isEqualTo(1);
    assertThat(guard.status().attempts()).isEqualTo(5);
  }

  @Test
  void stays_closed_if_the_peer_answers_at_times_even_with_refusals() {
    PeerGuard guard = guard(once());
    for (int round = 0; round < 10; round++) {
      fail(guard, 4);
      guard.call("refused", FAR, done("invalid_grant"));
      clock.advance(Duration.ofSeconds(5));
    }
    assertThat(guard.status().circuit()).isEqualTo(CircuitState.CLOSED);
  }

  @Test
  void closes_after_one_good_probe() {
    PeerGuard guard = guard(once());
    fail(guard, 5);
    clock.advance(Duration.ofSeconds(2));

    assertThat(guard.call("new", FAR, done("token"))).isInstanceOf(Guarded.GuardAnswered.class);
    assertThat(guard.status().circuit()).isEqualTo(CircuitState.CLOSED);
  }

  @Test
  void opens_again_after_a_bad_probe() {
    PeerGuard guard = guard(once());
    fail(guard, 5);
    clock.advance(Duration.ofSeconds(2));

    guard.call("new", FAR, failing());

    assertThat(guard.status().circuit()).isEqualTo(CircuitState.OPEN);
    assertThat(rejection(guard.call("newer", FAR, done("token"))))
        .isEqualTo(Rejection.CIRCUIT_OPEN);
  }

  @Test
  void probes_with_a_cooling_key_if_there_is_no_other_or_budget() {
    PeerGuard guard = guard(once().withBudget(4, 0.1));
    for (int attempt = 0; attempt < 5; attempt++) {
      guard.call("key", FAR, failing());
    }
    clock.advance(Duration.ofSeconds(2));

    assertThat(guard.call("key", FAR, done("token"))).isInstanceOf(Guarded.GuardAnswered.class);
    assertThat(guard.status().probes()).isEqualTo(1);
    assertThat(guard.status().boundRatio()).isLessThanOrEqualTo(1);
  }

  @Test
  void admits_one_probe_at_a_time_and_returns_other_permits() throws InterruptedException {
    PeerGuard guard = guard(once());
    fail(guard, 5);
    clock.advance(Duration.ofSeconds(2));
    try (Held probe = new Held(guard)) {
      assertThat(rejection(guard.call("other", FAR, done("token"))))
          .isEqualTo(Rejection.CIRCUIT_OPEN);
      // A key that cools down, so that its attempt would have had to be paid for.
      assertThat(rejection(guard.call("key 0", FAR, done("token"))))
          .isEqualTo(Rejection.CIRCUIT_OPEN);
      assertThat(guard.status().budgetTokens()).isEqualTo(5);
      assertThat(guard.status().inFlight()).isEqualTo(1);
      probe.release();
    }
    assertThat(guard.call("other", FAR, done("token"))).isInstanceOf(Guarded.GuardAnswered.class);
    assertThat(guard.status().retries()).isZero();
  }

  @Test
  void spreads_callers_over_the_possible_time_of_a_running_probe() throws InterruptedException {
    PeerGuard guard = guard(once(), PeerGuardTest::longest);
    fail(guard, 5);
    clock.advance(Duration.ofSeconds(2));
    try (Held probe = new Held(guard)) {
      assertThat(guard.call("other", FAR, done("token")))
          .isEqualTo(new Guarded.GuardRejected<>(Rejection.CIRCUIT_OPEN, Duration.ofSeconds(5)));
      probe.release();
    }
  }

  @Test
  void asks_the_circuit_before_the_budget() {
    PeerGuard guard = guard(once().withBudget(0, 0));
    fail(guard, 5);

    assertThat(rejection(guard.call("key 0", FAR, done("token"))))
        .isEqualTo(Rejection.CIRCUIT_OPEN);
  }

  @Test
  void asks_the_budget_before_it_waits_for_a_place() throws InterruptedException {
    PeerGuard guard = guard(once().withBudget(0, 0).withPlaces(1, Duration.ofSeconds(10)));
    guard.call("key", FAR, failing());
    try (Held held = new Held(guard)) {
      assertThat(rejection(guard.call("key", FAR, done("token"))))
          .isEqualTo(Rejection.BUDGET_EXHAUSTED);
      held.release();
    }
  }

  @Test
  void rejects_where_no_place_becomes_free_and_keeps_nothing() throws InterruptedException {
    PeerGuard guard = guard(once().withPlaces(1, Duration.ZERO));
    guard.call("key", FAR, failing());
    try (Held held = new Held(guard)) {
      assertThat(rejection(guard.call("new", FAR, done("token")))).isEqualTo(Rejection.BUSY);
      assertThat(rejection(guard.call("key", FAR, done("token")))).isEqualTo(Rejection.BUSY);
      assertThat(guard.status().rejectedByBusy()).isEqualTo(2);
      assertThat(guard.status().budgetTokens()).isEqualTo(5);
      held.release();
    }
    assertThat(guard.call("new", FAR, done("token"))).isInstanceOf(Guarded.GuardAnswered.class);
    assertThat(guard.status().retries()).isZero();
  }

  @Test
  void waits_for_a_place_no_longer_than_the_deadline() throws InterruptedException {
    PeerGuard guard = guard(once().withPlaces(1, Duration.ofSeconds(10)));
    try (Held held = new Held(guard)) {
      Guarded<String> end = guard.call("new", Deadline.after(Duration.ofMillis(5)), done("token"));

      assertThat(rejection(end)).isEqualTo(Rejection.BUSY);
      assertThat(guard.status().rejectedByBusy()).isEqualTo(1);
      held.release();
    }
  }

  @Test
  void calls_back_whoever_was_too_late_and_spreads_them() {
    PeerGuard guard = guard(GuardValues.defaults(), PeerGuardTest::longest);

    assertThat(guard.call("key", Deadline.limit(Duration.ZERO), done("token")))
        .isEqualTo(new Guarded.GuardRejected<>(Rejection.DEADLINE, Duration.ofMillis(2_500)));
  }

  @Test
  void makes_no_attempt_for_a_caller_whose_deadline_has_passed() {
    PeerGuard guard = guard(GuardValues.defaults());

    assertThat(rejection(guard.call("key", Deadline.after(Duration.ZERO), done("token"))))
        .isEqualTo(Rejection.DEADLINE);
    assertThat(guard.status().attempts()).isZero();
  }

  @Test
  void limits_an_attempt_by_timeout_or_deadline() {
    PeerGuard guard = guard(GuardValues.defaults());
    AtomicReference<Duration> left = new AtomicReference<>(Duration.ZERO);
    Attempt<String> measured =
        limit -> {
          left.set(limit.remaining());
          return did("token");
        };

    guard.call("key", FAR, measured);
    assertThat(left.get()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5));
    guard.call("key", Deadline.after(Duration.ofSeconds(2)), measured);
    assertThat(left.get()).isLessThanOrEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void counts_an_attempt_that_throws_as_failed_and_frees_its_place() {
    PeerGuard guard = guard(GuardValues.defaults());
    Attempt<String> bug = limit -> Unchecked.raise(new IllegalStateException("bug"));
    Attempt<String> endless = limit -> Unchecked.raise(new StackOverflowError());

    assertThatThrownBy(() -> guard.call("key", FAR, bug))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("bug");
    assertThatThrownBy(() -> guard.call("other", FAR, endless))
        .isInstanceOf(StackOverflowError.class);

    PeerStatus status = guard.status();
    assertThat(status.failures()).isEqualTo(2);
    assertThat(status.inFlight()).isZero();
    assertThat(guard.call("new", FAR, done("token"))).isInstanceOf(Guarded.GuardAnswered.class);
  }

  @Test
  void an_interrupted_caller_stops_and_stays_interrupted() {
    PeerGuard guard = guard(GuardValues.defaults());

    Guarded<String> end =
        guard.call(
            "key",
            FAR,
            limit -> {
              Thread.currentThread().interrupt();
              return fail();
            });

    assertThat(Thread.interrupted()).isTrue();
    assertThat(end).isEqualTo(new Guarded.GuardedFailure<>("failed", 1, Duration.ZERO));
    // The token for the attempt that was not made is back.
    assertThat(guard.status().budgetTokens()).isEqualTo(5);
  }

  @Test
  void keeps_an_answer_though_its_caller_was_interrupted() {
    Guarded<String> end =
        guard(GuardValues.defaults())
            .call(
                "key",
                FAR,
                limit -> {
                  Thread.currentThread().interrupt();
                  return did("token");
                });

    assertThat(Thread.interrupted()).isTrue();
    assertThat(end).isEqualTo(new Guarded.GuardAnswered<>("token"));
  }

  @Test
  void makes_no_attempt_for_a_caller_that_is_interrupted_already() {
    PeerGuard guard = guard(GuardValues.defaults());
    Thread.currentThread().interrupt();

    Guarded<String> end = guard.call("key", FAR, done("token"));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(rejection(end)).isEqualTo(Rejection.DEADLINE);
    assertThat(guard.status().attempts()).isZero();
    assertThat(guard.status().inFlight()).isZero();
  }

  @Test
  void waits_before_it_tries_again() {
    PeerGuard guard = guard(GuardValues.defaults(), PeerGuardTest::longest);
    long begun = System.nanoTime();

    guard.call("key", FAR, failing());

    // Up to 100 ms before the second attempt, and up to 200 ms before the third.
    assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(300_000_000);
    assertThat(guard.status().attempts()).isEqualTo(3);
  }

  @Test
  void refuses_settings_that_make_no_sense() {
    assertThatThrownBy(
            () ->
                new PeerGuard(
                    "sso",
                    GuardValues.defaults().withCoolDown(Duration.ZERO),
                    () -> Rank.ALONE,
                    clock))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token-broker.upstream.guard.cool-down");
  }

  @Test
  void keeps_its_books_straight_under_many_threads() throws Exception {
    PeerGuard guard =
        guard(
            GuardValues.defaults()
                .withPlaces(8, Duration.ofMillis(1))
                .withCircuit(50, Duration.ofMillis(100)));
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < 200; caller++) {
        Random random = new Random(caller);
        Future<?> _ =
            callers.submit(
                () -> {
                  for (int call = 0; call < 50; call++) {
                    guard.call(
                        random.nextInt(20),
                        FAR,
                        limit -> {
                          most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                          sent.incrementAndGet();
                          LockSupport.parkNanos(1);
                          underWay.decrementAndGet();
                          return random.nextInt(3) == 0 ? fail() : did("token");
                        });
                    clock.advance(Duration.ofMillis(3));
                  }
                });
      }
    }
    PeerStatus status = guard.status();
    assertThat(status.attempts()).isEqualTo(sent.get());
    assertThat(status.successes() + status.failures()).isEqualTo(sent.get());
    assertThat(status.inFlight()).isZero();
    assertThat(most.get()).isLessThanOrEqualTo(8);
    assertThat(status.boundRatio()).isLessThanOrEqualTo(1);
    assertThat(status.headroom()).isGreaterThanOrEqualTo(status.budgetTokens() - 1e-6);
  }

  /** An attempt of another caller's that stays under way. */
  private static final class Held implements AutoCloseable {
    private final Latch begun = new Latch(1);
    private final Latch released = new Latch(1);
    private final Thread caller;

    Held(PeerGuard guard) {
      caller =
          Thread.ofVirtual()
              .start(
                  () ->
                      guard.call(
                          "held",
                          FAR,
                          limit -> {
                            begun.countDown();
                            released.await();
                            return did("token");
                          }));
      begun.await();
    }

    void release() throws InterruptedException {
      released.countDown();
      caller.join();
    }

    @Override
    public void close() {
      released.countDown();
    }
  }

  private PeerGuard guard(GuardValues settings) {
    return guard(settings, PeerGuardTest::shortest);
  }

  private PeerGuard guard(GuardValues settings, LongUnaryOperator random) {
    return new PeerGuard("sso", settings, () -> Rank.ALONE, TestClocks.drawing(clock, random));
  }

  private static long shortest(long bound) {
    return 0;
  }

  private static long longest(long bound) {
    return bound - 1;
  }

  /** Without attempts beyond the first. */
  private static GuardValues once() {
    return GuardValues.defaults().withAttempts(1, Duration.ofSeconds(5));
  }

  private static void fail(PeerGuard guard, int times) {
    for (int key = 0; key < times; key++) {
      guard.call("key " + key, FAR, failing());
    }
  }

  private static Attempt<String> done(String value) {
    return limit -> did(value);
  }

  private static Attempt<String> failing() {
    return limit -> fail();
  }

  private static Attempted<String> did(String value) {
    return new Attempted.Done<>(value);
  }

  private static Attempted<String> fail() {
    return failed("failed", true, null);
  }

  private static Attempted<String> failed(
      String value, boolean repeatable, @Nullable Duration retryAfter) {
    return new Attempted.AttemptFailed<>(value, repeatable, retryAfter);
  }

  private static @Nullable Rejection rejection(Guarded<String> end) {
    return end instanceof Guarded.GuardRejected<String> rejected ? rejected.why() : null;
  }
}
