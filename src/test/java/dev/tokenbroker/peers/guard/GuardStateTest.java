package dev.tokenbroker.peers.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.peers.guard.GuardState.Entry;
import dev.tokenbroker.peers.guard.GuardState.Ground;
import dev.tokenbroker.peers.guard.GuardState.Permission;
import dev.tokenbroker.peers.guard.Guarded.Rejection;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import dev.tokenbroker.peers.store.Roster.Rank;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GuardStateTest {

  private static final GuardValues SETTINGS = GuardValues.defaults();
  private static final Duration FOREVER = Duration.ofHours(1);
  private static final Duration JUST = Duration.ofNanos(1);

  /** What a replica of three may begin without a success. */
  private static final int PART = 12;

  private final TestClock clock = new TestClock();
  private Rank rank = Rank.ALONE;
  private int serial;

  @Test
  void a_second_attempt_for_a_key_that_is_under_way_is_paid_for() {
    GuardState state = state(SETTINGS, 10);

    assertThat(admit(state, "key").ground()).isEqualTo(Ground.FIRST);
    assertThat(admit(state, "key").ground()).isEqualTo(Ground.RETRY);
    assertThat(tokens(state)).isEqualTo(4);
  }

  @Test
  void what_is_not_made_costs_nothing_and_leaves_no_trace() {
    GuardState state = state(SETTINGS, 10);
    Permission first = admit(state, "key");
    Permission retry = admit(state, "key");

    state.cancel(retry);
    state.cancel(first);

    assertThat(state.status("sso")).isEqualTo(state(SETTINGS, 10).status("sso"));
    assertThat(admit(state, "key").ground()).isEqualTo(Ground.FIRST);
  }

  @Test
  void a_success_makes_the_next_attempt_for_its_key_a_needed_one() {
    GuardState state = state(SETTINGS, 10);
    fail(state, "key");
    Permission retry = admit(state, "key");
    assertThat(retry.ground()).isEqualTo(Ground.RETRY);
    begin(state, retry);
    state.succeeded(retry);

    assertThat(admit(state, "key").ground()).isEqualTo(Ground.FIRST);
  }

  @Test
  void the_budget_never_holds_more_than_its_burst() {
    GuardState state = state(SETTINGS, 10);
    Permission aside = retryOf(state);
    succeed(state, 100);
    assertThat(tokens(state)).isEqualTo(4);

    state.cancel(aside);

    assertThat(tokens(state)).isEqualTo(5);
  }

  @Test
  void a_full_memory_lets_in_only_what_is_paid_for() {
    GuardState state = state(SETTINGS.withBudget(1, 0.1), 3);
    Stream.of("one", "two", "three").forEach(key -> fail(state, key));

    assertThat(admit(state, "four").ground()).isEqualTo(Ground.RETRY);
    assertThat(state.enter("five"))
        .isEqualTo(new Entry.Refused(Rejection.BUDGET_EXHAUSTED, SETTINGS.coolDown()));
    clock.advance(SETTINGS.coolDown());
    assertThat(admit(state, "five").ground()).isEqualTo(Ground.FIRST);
  }

  @Test
  void a_long_held_key_does_not_keep_others_from_being_forgotten() {
    GuardState state = state(SETTINGS.withBudget(0, 0), 2);
    Permission held = admit(state, "held");
    begin(state, held);
    state.failed(held, Duration.ofHours(1));
    fail(state, "other");

    clock.advance(SETTINGS.coolDown());
    assertThat(admit(state, "new").ground()).isEqualTo(Ground.FIRST);
    assertThat(state.enter("held"))
        .isEqualTo(
            new Entry.Refused(
                Rejection.BUDGET_EXHAUSTED, SETTINGS.maxRetryAfter().minus(SETTINGS.coolDown())));
  }

  @Test
  void gives_up_tokens_when_replicas_join_and_gains_none_on_leave() {
    GuardState state = state(SETTINGS, 10);
    rank = new Rank(1, 3);
    assertThat(tokens(state)).isEqualTo(1);
    assertThat(state.status("sso").burst()).isEqualTo(1);

    begin(state, retryOf(state));
    rank = Rank.ALONE;
    assertThat(tokens(state)).isZero();
    assertThat(state.status("sso").burst()).isEqualTo(1);
    succeed(state, 100);
    assertThat(tokens(state)).isEqualTo(5);
  }

  @Test
  void a_reserved_token_stays_when_replicas_join_and_adds_none() {
    GuardState state = state(SETTINGS, 10);
    Permission one = retryOf(state);
    Permission two = admit(state, "failed");
    rank = new Rank(0, 5);

    assertThat(tokens(state)).isZero();
    state.cancel(one);
    state.cancel(two);
    assertThat(tokens(state)).isEqualTo(1);
  }

  @Test
  void a_permission_is_used_once() {
    GuardState state = state(SETTINGS, 10);
    Permission permission = admit(state, "key");
    begin(state, permission);
    assertThatThrownBy(() -> state.cancel(permission)).isInstanceOf(IllegalStateException.class);
    state.failed(permission, null);
    assertThatThrownBy(() -> state.succeeded(permission)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void no_more_begin_without_a_success_than_the_part_of_the_replica() throws Exception {
    rank = new Rank(1, 3);
    GuardState state = state(SETTINGS, 100);
    begun(state, PART);

    Permission further = next(state);
    assertThat(state.pass(further, Duration.ZERO)).isEqualTo(Rejection.BUSY);
    assertThat(state.pass(further, Duration.ofMillis(1))).isEqualTo(Rejection.BUSY);
  }

  @Test
  void a_success_lets_as_many_begin_again_and_all_that_wait() throws Exception {
    rank = new Rank(1, 3);
    GuardState state = state(SETTINGS, 100);
    List<Permission> begun = begun(state, PART);
    CompletableFuture<@Nullable Rejection> waits = waiting(state);

    state.succeeded(begun.getFirst());

    assertThat(waits.get()).isNull();
    begun(state, PART - 1);
    assertThat(state.pass(next(state), Duration.ZERO)).isEqualTo(Rejection.BUSY);
  }

  /** Else they would begin after the success, beside as many others. */
  @Test
  void a_pass_that_has_not_started_still_counts_after_a_success() throws Exception {
    rank = new Rank(1, 3);
    GuardState state = state(SETTINGS, 100);
    Permission first = begun(state, 1).getFirst();
    passed(state, PART - 1);

    state.succeeded(first);

    passed(state, 1);
    assertThat(state.pass(next(state), Duration.ZERO)).isEqualTo(Rejection.BUSY);
  }

  @Test
  void a_pass_that_is_given_back_goes_to_another() throws Exception {
    rank = new Rank(1, 3);
    GuardState state = state(SETTINGS, 100);
    Permission last = passed(state, PART).getLast();
    CompletableFuture<@Nullable Rejection> waits = waiting(state);

    state.cancel(last);

    assertThat(waits.get()).isNull();
  }

  @Test
  void a_call_that_waits_for_a_success_ends_when_the_circuit_opens() throws Exception {
    rank = new Rank(1, 3);
    GuardState state = state(SETTINGS, 100);
    List<Permission> begun = begun(state, PART);
    CompletableFuture<@Nullable Rejection> waits = waiting(state);

    begun.forEach(permission -> state.failed(permission, null));

    assertThat(waits.get()).isEqualTo(Rejection.CIRCUIT_OPEN);
  }

  @Test
  void the_circuit_opens_after_failures_in_a_row_and_not_before() {
    GuardState state = state(SETTINGS, 100);
    failed(state, 4);
    succeed(state, 1);
    failed(state, 4);
    assertThat(state.circuit()).isEqualTo(CircuitState.CLOSED);

    failed(state, 1);

    assertThat(state.circuit()).isEqualTo(CircuitState.OPEN);
    assertThat(state.enter("new"))
        .isEqualTo(new Entry.Refused(Rejection.CIRCUIT_OPEN, Duration.ZERO));
  }

  /** Else it would come beside the probes of the other replicas. */
  @Test
  void what_has_a_pass_begins_no_attempt_once_the_circuit_is_open() throws Exception {
    GuardState state = state(SETTINGS, 100);
    Permission early = passed(state, 1).getFirst();
    failed(state, 5);

    assertThat(state.begin(early)).isFalse();
    state.cancel(early);

    assertThat(state.status("sso").attempts()).isEqualTo(5);
    assertThat(state.status("sso").inFlight()).isZero();
  }

  @Test
  void replicas_take_turns_to_probe() throws Exception {
    rank = new Rank(1, 3);
    GuardState state = state(SETTINGS, 100);
    List<Permission> early = IntStream.range(0, 3).mapToObj(_ -> next(state)).toList();
    failed(state, 5);

    clock.advance(Duration.ofSeconds(4).minus(JUST));
    assertThat(state.circuit()).isEqualTo(CircuitState.OPEN);
    assertThat(state.pass(early.get(0), FOREVER)).isEqualTo(Rejection.CIRCUIT_OPEN);
    clock.advance(JUST);
    assertThat(state.circuit()).isEqualTo(CircuitState.HALF_OPEN);
    assertThat(state.pass(early.get(0), FOREVER)).isNull();
    assertThat(state.pass(early.get(1), FOREVER)).isEqualTo(Rejection.CIRCUIT_OPEN);
    state.cancel(early.get(0));
    assertThat(state.pass(early.get(1), FOREVER)).isNull();
    begin(state, early.get(1));
    state.failed(early.get(1), null);

    clock.advance(Duration.ofSeconds(6).minus(JUST));
    assertThat(state.untilProbe()).isEqualTo(JUST);
    assertThat(state.pass(early.get(2), FOREVER)).isEqualTo(Rejection.CIRCUIT_OPEN);
    clock.advance(JUST);
    assertThat(state.pass(early.get(2), FOREVER)).isNull();
    begin(state, early.get(2));
    state.succeeded(early.get(2));
    assertThat(state.circuit()).isEqualTo(CircuitState.CLOSED);
    passed(state, 1);
  }

  @Test
  void late_results_neither_close_an_open_circuit_nor_delay_probes() throws Exception {
    GuardState state = state(SETTINGS, 100);
    List<Permission> slow = begun(state, 2);
    failed(state, 5);

    state.succeeded(slow.get(0));
    assertThat(state.circuit()).isEqualTo(CircuitState.OPEN);
    clock.advance(Duration.ofSeconds(2));
    state.failed(slow.get(1), null);

    assertThat(state.circuit()).isEqualTo(CircuitState.HALF_OPEN);
    passed(state, 1);
  }

  @Test
  void the_circuit_opens_before_the_next_attempt_as_replicas_join() throws Exception {
    GuardState state = state(SETTINGS, 100);
    failed(state, 2);
    rank = new Rank(10, 18);

    assertThat(state.pass(next(state), FOREVER)).isEqualTo(Rejection.CIRCUIT_OPEN);

    assertThat(state.circuit()).isEqualTo(CircuitState.OPEN);
    assertThat(state.untilProbe()).isEqualTo(Duration.ofSeconds(22));
    rank = Rank.ALONE;
    assertThat(state.untilProbe()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void one_probe_in_each_interval_needs_no_token() throws Exception {
    rank = new Rank(0, 2);
    GuardState state = state(SETTINGS.withBudget(0, 0).withCoolDown(FOREVER), 10);
    for (int key = 0; key < 5; key++) {
      fail(state, "key " + key);
    }
    clock.advance(Duration.ofSeconds(2));
    Permission probe = admit(state, "key 0");
    assertThat(probe.ground()).isEqualTo(Ground.PROBE);
    assertThat(why(state, "key 0")).isEqualTo(Rejection.BUDGET_EXHAUSTED);
    state.cancel(probe);
    Permission made = admit(state, "key 0");
    assertThat(state.pass(made, Duration.ZERO)).isNull();
    begin(state, made);
    state.failed(made, null);

    clock.advance(Duration.ofSeconds(4).minus(JUST));
    assertThat(why(state, "key 0")).isEqualTo(Rejection.CIRCUIT_OPEN);
    clock.advance(JUST);
    assertThat(admit(state, "key 0").ground()).isEqualTo(Ground.PROBE);
  }

  /** Callers that begin, end and give up in any order, while time passes. */
  @Test
  void the_bound_holds_in_every_window_of_any_order() throws Exception {
    assertTheBoundHolds(200);
  }

  @Tag("whole")
  @Test
  void the_bound_holds_in_every_window_of_many_orders() throws Exception {
    assertTheBoundHolds(1_800);
  }

  private void assertTheBoundHolds(int seeds) throws Exception {
    for (int seed = 0; seed < seeds; seed++) {
      assertTheBoundHoldsInTheOrderOf(seed);
    }
  }

  private void assertTheBoundHoldsInTheOrderOf(int seed) throws Exception {
    Random random = new Random(seed);
    GuardValues settings =
        SETTINGS
            .withBudget(random.nextInt(3), 0.5)
            .withCircuit(1 + random.nextInt(5), Duration.ofSeconds(2));
    GuardState state = state(settings, 1 + random.nextInt(5));
    BoundOracle oracle = new BoundOracle(settings);
    List<Turn> admitted = new ArrayList<>();
    List<Turn> begun = new ArrayList<>();
    for (int step = 0; step < 500; step++) {
      int key = random.nextInt(4);
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          if (state.enter(key) instanceof Entry.Admitted(Permission permission)) {
            oracle.letIn(key);
            admitted.add(new Turn(key, permission));
          }
        }
        case 2 -> {
          Permission again = state.enterAgain(key);
          if (again != null) {
            oracle.letIn(key);
            admitted.add(new Turn(key, again));
          }
        }
        case 3 -> {
          if (!admitted.isEmpty()) {
            Turn turn = admitted.remove(random.nextInt(admitted.size()));
            if (state.pass(turn.permission(), Duration.ZERO) == null
                && random.nextInt(5) > 0
                && state.begin(turn.permission())) {
              oracle.began(turn.key(), turn.permission().ground(), clock.nanoTime());
              begun.add(turn);
            } else {
              state.cancel(turn.permission());
              oracle.cancelled(turn.key());
            }
          }
        }
        case 4 -> {
          if (!begun.isEmpty()) {
            Turn turn = begun.remove(random.nextInt(begun.size()));
            if (random.nextBoolean()) {
              state.succeeded(turn.permission());
              oracle.succeeded(turn.key());
            } else {
              state.failed(turn.permission(), null);
              oracle.failed(turn.key(), clock.nanoTime());
            }
          }
        }
        default -> clock.advance(Duration.ofMillis(random.nextInt(1_500)));
      }
      PeerStatus status = state.status("sso");
      assertThat(status.attempts()).isEqualTo(oracle.attempts());
      assertThat(status.inFlight()).isEqualTo(begun.size());
      assertThat(status.headroom()).isGreaterThanOrEqualTo(status.budgetTokens() - 1e-6);
    }
  }

  private record Turn(int key, Permission permission) {}

  private GuardState state(GuardSettings settings, int maxKeys) {
    GuardShare share = new GuardShare(settings, () -> rank);
    return new GuardState(settings, share, maxKeys, clock::nanoTime);
  }

  private static double tokens(GuardState state) {
    return state.status("sso").budgetTokens();
  }

  private static Permission admit(GuardState state, String key) {
    return ((Entry.Admitted) state.enter(key)).permission();
  }

  private static Rejection why(GuardState state, String key) {
    return ((Entry.Refused) state.enter(key)).why();
  }

  /** A permission for a key of its own. */
  private Permission next(GuardState state) {
    return admit(state, "key of its own " + serial++);
  }

  private List<Permission> passed(GuardState state, int times) throws InterruptedException {
    List<Permission> passed = new ArrayList<>();
    for (int attempt = 0; attempt < times; attempt++) {
      passed.add(next(state));
      assertThat(state.pass(passed.getLast(), FOREVER)).isNull();
    }
    return passed;
  }

  private List<Permission> begun(GuardState state, int times) throws InterruptedException {
    List<Permission> begun = passed(state, times);
    begun.forEach(permission -> begin(state, permission));
    return begun;
  }

  private static void begin(GuardState state, Permission permission) {
    assertThat(state.begin(permission)).isTrue();
  }

  private void failed(GuardState state, int times) {
    for (int attempt = 0; attempt < times; attempt++) {
      fail(state, "failed " + serial++);
    }
  }

  private static void fail(GuardState state, String key) {
    Permission permission = admit(state, key);
    begin(state, permission);
    state.failed(permission, null);
  }

  private static void succeed(GuardState state, int times) {
    for (int success = 0; success < times; success++) {
      Permission permission = admit(state, "fine");
      begin(state, permission);
      state.succeeded(permission);
    }
  }

  private static Permission retryOf(GuardState state) {
    fail(state, "failed");
    return admit(state, "failed");
  }

  /** A call that waits for a success. */
  private CompletableFuture<@Nullable Rejection> waiting(GuardState at) {
    CompletableFuture<@Nullable Rejection> end = new CompletableFuture<>();
    Permission permission = next(at);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                end.complete(at.pass(permission, FOREVER));
              } catch (InterruptedException interrupted) {
                end.completeExceptionally(interrupted);
              }
            });
    return end;
  }
}
