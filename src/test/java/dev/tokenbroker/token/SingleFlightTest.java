package dev.tokenbroker.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SingleFlightTest {

  /** Work that waits to be run by the test. */
  private final ArrayDeque<Runnable> started = new ArrayDeque<>();

  private final SingleFlight<String, Supplier<String>, String> flights =
      new SingleFlight<>(started::add);

  @Test
  void does_the_work_once_for_all_who_join() {
    AtomicInteger calls = new AtomicInteger();
    Supplier<String> work = () -> "result " + calls.incrementAndGet();
    Flight<Supplier<String>, String> leader = flights.join("key", work);
    Flight<Supplier<String>, String> follower = flights.join("key", work);
    assertThat(leader.isLeader()).isTrue();
    assertThat(follower.isLeader()).isFalse();
    assertThat(follower.isDone()).isFalse();
    land();
    assertThat(leader.result()).isEqualTo("result 1");
    assertThat(follower.result()).isEqualTo("result 1");
    assertThat(flights.begun()).isEqualTo(1);
  }

  @Test
  void does_the_work_of_different_keys_apart() {
    Flight<Supplier<String>, String> one = flights.join("one", () -> "1");
    Flight<Supplier<String>, String> other = flights.join("other", () -> "2");
    assertThat(flights.underWay()).isEqualTo(2);
    land();
    assertThat(one.isDone()).isTrue();
    assertThat(other.isDone()).isFalse();
    land();
    assertThat(other.result()).isEqualTo("2");
    assertThat(flights.underWay()).isZero();
  }

  @Test
  void begins_anew_once_a_flight_has_ended() {
    flights.join("key", () -> "first");
    land();
    Flight<Supplier<String>, String> next = flights.join("key", () -> "second");
    assertThat(next.isLeader()).isTrue();
    land();
    assertThat(next.result()).isEqualTo("second");
  }

  @Test
  void has_left_the_map_before_anybody_is_told() {
    List<Integer> underWay = new ArrayList<>();
    Flight<Supplier<String>, String> flight = flights.join("key", () -> "result");
    flight.whenDone(() -> underWay.add(flights.underWay()));
    land();
    assertThat(underWay).containsExactly(0);
  }

  @Test
  void is_still_on_the_map_while_the_work_stores_its_result() {
    List<Integer> underWay = new ArrayList<>();
    flights.join(
        "key",
        () -> {
          underWay.add(flights.underWay());
          return "result";
        });
    land();
    assertThat(underWay).containsExactly(1);
  }

  static List<Throwable> failures() {
    return List.of(
        new IllegalArgumentException("a bug"),
        new CancellationException("of something else"),
        new StackOverflowError(),
        new NoClassDefFoundError("lost"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void fails_for_all_with_the_very_same_throwable(Throwable failure) {
    Flight<Supplier<String>, String> leader = flights.join("key", () -> thrown(failure));
    Flight<Supplier<String>, String> follower = flights.join("key", () -> "never");
    AtomicInteger told = new AtomicInteger();
    follower.whenDone(told::incrementAndGet);
    land();
    assertThatThrownBy(leader::result).isSameAs(failure);
    assertThatThrownBy(follower::result).isSameAs(failure);
    assertThat(follower.isDone()).isTrue();
    assertThat(told).hasValue(1);
    assertThat(flights.underWay()).isZero();
    assertThat(flights.join("key", () -> "anew").isLeader()).isTrue();
  }

  @Test
  void wraps_what_could_not_have_been_thrown() {
    IOException sneaked = new IOException();
    Flight<Supplier<String>, String> flight = flights.join("key", () -> thrown(sneaked));
    land();
    assertThatThrownBy(flight::result).isInstanceOf(IllegalStateException.class).hasCause(sneaked);
  }

  @Test
  void fails_and_leaves_nothing_where_no_thread_can_be_had() {
    SingleFlight<String, Supplier<String>, String> full =
        new SingleFlight<>(
            work -> {
              throw new RejectedExecutionException("full");
            });
    Flight<Supplier<String>, String> flight = full.join("key", () -> "never");
    assertThat(flight.isDone()).isTrue();
    assertThatThrownBy(flight::result).isInstanceOf(RejectedExecutionException.class);
    assertThat(full.underWay()).isZero();
  }

  @Test
  void needs_no_thread_where_the_work_is_done_at_once() {
    Flight<Supplier<String>, String> flight = atOnce("result", () -> true);
    assertThat(started).isEmpty();
    assertThat(flight.isLeader()).isTrue();
    assertThat(flight.result()).isEqualTo("result");
    assertThat(flights.underWay()).isZero();
  }

  @Test
  void takes_a_thread_where_it_cannot_be_done_at_once() {
    Flight<Supplier<String>, String> flight = atOnce("result", () -> false);
    assertThat(flight.isDone()).isFalse();
    land();
    assertThat(flight.result()).isEqualTo("result");
  }

  @Test
  void asks_nobody_who_joins_to_do_it_at_once() {
    flights.join("key", () -> "result");
    Flight<Supplier<String>, String> follower =
        atOnce(
            "never",
            () -> {
              throw new AssertionError("somebody does it already");
            });
    land();
    assertThat(follower.result()).isEqualTo("result");
  }

  @Test
  void fails_and_leaves_nothing_where_doing_it_at_once_fails() {
    IllegalStateException bug = new IllegalStateException();
    Flight<Supplier<String>, String> flight =
        atOnce(
            "never",
            () -> {
              throw bug;
            });
    assertThatThrownBy(flight::result).isSameAs(bug);
    assertThat(flights.underWay()).isZero();
    assertThat(atOnce("anew", () -> true).result()).isEqualTo("anew");
  }

  @Test
  void is_begun_where_it_is_told_to_and_joined_from_the_first() {
    ArrayDeque<Runnable> there = new ArrayDeque<>();
    Flight<Supplier<String>, String> leader =
        flights.join("key", () -> "result", _ -> true, there::add, () -> true);
    Flight<Supplier<String>, String> follower = flights.join("key", () -> "never");
    assertThat(leader.isDone()).isFalse();
    there.remove().run();
    assertThat(started).isEmpty();
    assertThat(leader.result()).isEqualTo("result");
    assertThat(follower.result()).isEqualTo("result");
  }

  @Test
  void takes_a_thread_for_what_cannot_be_done_where_it_was_begun() {
    ArrayDeque<Runnable> there = new ArrayDeque<>();
    Flight<Supplier<String>, String> flight =
        flights.join("key", () -> "result", _ -> true, there::add, () -> false);
    there.remove().run();
    assertThat(flight.isDone()).isFalse();
    land();
    assertThat(flight.result()).isEqualTo("result");
  }

  @Test
  void fails_and_leaves_nothing_where_it_fails_to_begin_elsewhere() {
    IllegalStateException bug = new IllegalStateException();
    ArrayDeque<Runnable> there = new ArrayDeque<>();
    Flight<Supplier<String>, String> flight =
        flights.join(
            "key",
            () -> "never",
            _ -> true,
            there::add,
            () -> {
              throw bug;
            });
    there.remove().run();
    assertThatThrownBy(flight::result).isSameAs(bug);
    assertThat(flights.underWay()).isZero();
  }

  @Test
  void begins_anew_where_the_work_under_way_is_not_shared_any_more() {
    Flight<Supplier<String>, String> givenUp = flights.join("key", () -> "nothing");
    Flight<Supplier<String>, String> anew = flights.join("key", () -> "anew", _ -> false);
    assertThat(anew.isLeader()).isTrue();
    land();
    assertThat(givenUp.result()).isEqualTo("nothing");
    assertThat(anew.isDone()).isFalse();
    assertThat(flights.join("key", () -> "never", _ -> true).isLeader()).isFalse();
    land();
    assertThat(anew.result()).isEqualTo("anew");
    assertThat(flights.underWay()).isZero();
    assertThat(flights.begun()).isEqualTo(2);
  }

  @Test
  void asks_nothing_of_work_that_it_begins() {
    Flight<Supplier<String>, String> leader =
        flights.join(
            "key",
            () -> "result",
            _ -> {
              throw new AssertionError("none is under way");
            });
    land();
    assertThat(leader.result()).isEqualTo("result");
  }

  @Test
  void has_no_result_before_its_end() {
    Flight<Supplier<String>, String> flight = flights.join("key", () -> "result");
    assertThatThrownBy(flight::result).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void tells_those_who_come_after_the_end_at_once() {
    Flight<Supplier<String>, String> flight = flights.join("key", () -> "result");
    land();
    AtomicInteger told = new AtomicInteger();
    flight.whenDone(told::incrementAndGet);
    assertThat(told).hasValue(1);
  }

  @Test
  void tells_nobody_who_has_left_which_ends_nothing() {
    Flight<Supplier<String>, String> flight = flights.join("key", () -> "result");
    AtomicInteger told = new AtomicInteger();
    Runnable patient = told::incrementAndGet;
    Runnable hasty =
        () -> {
          throw new AssertionError("it has left");
        };
    flight.whenDone(patient);
    flight.whenDone(hasty);
    assertThat(flight.leave(hasty)).isTrue();
    assertThat(flight.leave(hasty)).isFalse();
    assertThat(flights.underWay()).isEqualTo(1);
    land();
    assertThat(told).hasValue(1);
    assertThat(flight.leave(patient)).isFalse();
  }

  @Test
  void finds_what_is_under_way_and_begins_nothing() {
    assertThat(flights.find("key")).isNull();
    Flight<Supplier<String>, String> leader = flights.join("key", () -> "result");
    Flight<Supplier<String>, String> found = Objects.requireNonNull(flights.find("key"));
    assertThat(found.isLeader()).isFalse();
    assertThat(flights.begun()).isEqualTo(1);
    land();
    assertThat(leader.result()).isEqualTo("result");
    assertThat(found.result()).isEqualTo("result");
  }

  @Test
  void tells_all_even_where_one_throws() {
    Flight<Supplier<String>, String> flight = flights.join("key", () -> "result");
    AtomicInteger told = new AtomicInteger();
    flight.whenDone(told::incrementAndGet);
    flight.whenDone(
        () -> {
          throw new IllegalStateException("a bug of one caller");
        });
    flight.whenDone(told::incrementAndGet);
    land();
    assertThat(told).hasValue(2);
  }

  /**
   * Callers, landings and failures in any order, against a model of what ought to be: a key has a
   * flight from its first caller to its landing, and neither before nor after.
   */
  @Test
  void keeps_to_the_model_in_10_000_random_orders() {
    for (int seed = 0; seed < 10_000; seed++) {
      new Interleaving(new Random(seed)).run("seed " + seed);
    }
  }

  private Flight<Supplier<String>, String> atOnce(String result, BooleanSupplier atOnce) {
    return flights.join("key", () -> result, _ -> true, Runnable::run, atOnce);
  }

  private void land() {
    started.remove().run();
  }

  private static String thrown(Throwable failure) {
    throw SingleFlightTest.<RuntimeException>sneaked(failure);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> T sneaked(Throwable failure) throws T {
    throw (T) failure;
  }

  /** One random order of events. */
  private static final class Interleaving {

    private final Random random;
    private final List<Runnable> waiting = new ArrayList<>();
    private final Map<Integer, List<Flight<Supplier<Integer>, Integer>>> expected = new HashMap<>();
    private final Map<Integer, Integer> flying = new HashMap<>();
    private boolean rejecting;
    private int numbers;
    private final SingleFlight<Integer, Supplier<Integer>, Integer> flights =
        new SingleFlight<>(this::execute);

    Interleaving(Random random) {
      this.random = random;
    }

    void run(String name) {
      for (int step = 0; step < 40; step++) {
        if (random.nextInt(3) == 0 && !waiting.isEmpty()) {
          landAny();
        } else {
          join(random.nextInt(3));
        }
        assertThat(flights.underWay()).as(name).isEqualTo(flying.size());
      }
      while (!waiting.isEmpty()) {
        landAny();
      }
      assertThat(flights.underWay()).as(name).isZero();
      assertThat(expected.values()).as(name).allMatch(List::isEmpty);
    }

    private void execute(Runnable work) {
      if (rejecting) {
        throw new RejectedExecutionException();
      }
      waiting.add(work);
    }

    private void join(int key) {
      rejecting = random.nextInt(8) == 0;
      boolean fails = random.nextInt(4) == 0;
      int number = numbers++;
      Flight<Supplier<Integer>, Integer> flight = flights.join(key, () -> work(key, number, fails));
      assertThat(flight.isLeader()).isEqualTo(!flying.containsKey(key));
      if (flight.isLeader() && rejecting) {
        assertThatThrownBy(flight::result).isInstanceOf(RejectedExecutionException.class);
        return;
      }
      flying.putIfAbsent(key, fails ? -1 : number);
      expected.computeIfAbsent(key, none -> new ArrayList<>()).add(flight);
      assertThat(flight.isDone()).isFalse();
    }

    private Integer work(int key, int number, boolean fails) {
      int result = Objects.requireNonNull(flying.get(key));
      assertThat(result).isEqualTo(fails ? -1 : number);
      if (fails) {
        throw new IllegalStateException("failed");
      }
      return number;
    }

    private void landAny() {
      waiting.remove(random.nextInt(waiting.size())).run();
      for (Map.Entry<Integer, List<Flight<Supplier<Integer>, Integer>>> entry :
          expected.entrySet()) {
        List<Flight<Supplier<Integer>, Integer>> callers = entry.getValue();
        if (!callers.isEmpty() && callers.getFirst().isDone()) {
          int result = Objects.requireNonNull(flying.remove(entry.getKey()));
          callers.forEach(caller -> assertEnded(caller, result));
          callers.clear();
        }
      }
    }

    private static void assertEnded(Flight<Supplier<Integer>, Integer> caller, int result) {
      if (result < 0) {
        assertThatThrownBy(caller::result).hasMessage("failed");
      } else {
        assertThat(caller.result()).isEqualTo(result);
      }
    }
  }
}
