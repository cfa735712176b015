package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.runtime.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluations that end in one turn of a thread. */
class TurnTest {

  private static final long SEED = 20261124L;

  private final TestClock clock = new TestClock();
  private final SeededIssuer issuer = new SeededIssuer(SEED);
  private final String credential = issuer.credential("acme/payments");
  private final Queue<Runnable> later = new ArrayDeque<>();
  private final Queue<Runnable> afterwards = new ArrayDeque<>();
  private final Home home = TestHome.of(new Turn(later::add, afterwards::add, new Crowd(1)));
  private final Keeper keeper = new Keeper();
  private final List<Exchanged> answers = new ArrayList<>();

  @TempDir Path directory;
  private TokenExchange exchange = TestExchange.of(null, clock, List.of());

  /** Notes how many records were kept at once, and how many answers had been given before. */
  private final class Keeper implements ExchangeObserver {

    private final List<ExchangeRecord> told = new ArrayList<>();
    private final List<List<ExchangeRecord>> kept = new ArrayList<>();
    private final List<Integer> answeredBefore = new ArrayList<>();
    private boolean full;

    @Override
    public void ended(ExchangeRecord record) {
      told.add(record);
    }

    @Override
    public void keep(List<ExchangeRecord> records) {
      if (full) {
        throw new IllegalStateException();
      }
      kept.add(records);
      answeredBefore.add(answers.size());
    }
  }

  @BeforeEach
  void put_together() {
    exchange =
        TestExchange.of(
            TestExchange.federation(directory, issuer.federation(), clock), clock, List.of(keeper));
  }

  @Test
  void are_kept_together_and_answered_afterwards() {
    ask(3);
    assertThat(keeper.told).isEmpty();
    assertThat(keeper.kept).isEmpty();
    assertThat(answers).isEmpty();

    endTurn();
    assertThat(keeper.kept).containsExactly(keeper.told);
    assertThat(keeper.answeredBefore).containsExactly(0);
    assertThat(answers)
        .extracting(answer -> answer.verdict().id())
        .containsExactlyElementsOf(
            keeper.told.stream().map(record -> record.verdict().id()).toList());

    ask(1);
    endTurn();
    assertThat(keeper.kept).hasSize(2);
    assertThat(answers).hasSize(4);
  }

  @Test
  void are_all_refused_where_they_cannot_be_kept_together() {
    keeper.full = true;
    ask(3);
    try (CapturedLog log = new CapturedLog()) {
      endTurn();
      assertThat(log.taken()).hasSize(1);
    }
    assertThat(answers)
        .hasSize(3)
        .allSatisfy(
            answer ->
                assertThat(answer.verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR));
    assertThat(keeper.told)
        .extracting(ExchangeRecord::verdict)
        .containsExactlyElementsOf(answers.stream().map(Exchanged::verdict).toList());
  }

  @Test
  void do_not_wait_for_its_end_once_they_are_many() {
    ask(Turn.MOST + 2);
    assertThat(answers).hasSize(Turn.MOST);

    endTurn();
    assertThat(answers).hasSize(Turn.MOST + 2);
    assertThat(keeper.kept).extracting(List::size).containsExactly(Turn.MOST, 2);
  }

  @Test
  void are_all_answered_even_where_one_answer_ends_in_a_bug() {
    exchange.exchange(
        TestExchange.request("payments-api", credential),
        TestExchange.enough(),
        home,
        _ -> {
          throw new IllegalStateException();
        });
    ask(1);
    try (CapturedLog log = new CapturedLog()) {
      endTurn();
      assertThat(log.taken()).hasSize(1);
    }
    assertThat(answers).hasSize(1);
  }

  @Test
  void leaves_time_for_evaluations_until_its_time_is_spent() {
    Turn turn = turn(new Crowd(1));
    for (int at = 0; at < 3; at++) {
      assertThat(turn.hasTime()).isTrue();
      assertThat(turn.spend(() -> takes(Duration.ofNanos(400_000)))).isTrue();
    }
    assertThat(turn.hasTime()).isFalse();

    endTurn();
    assertThat(turn.hasTime()).isTrue();
  }

  @Test
  void leaves_none_for_evaluations_that_take_longer_than_a_turn_but_tries_now_and_then() {
    Turn turn = turn(new Crowd(1));
    int tried = 0;
    for (int at = 0; at < 10_000; at++) {
      if (turn.hasTime()) {
        turn.spend(() -> takes(Duration.ofMillis(5)));
        tried++;
      }
      endTurn();
    }
    assertThat(tried).isBetween(50, 500);
  }

  @Test
  void leaves_none_on_a_thread_of_which_nothing_is_known() {
    assertThat(Turn.single().hasTime()).isFalse();
    assertThat(Turn.single().joinCrowd()).isFalse();
  }

  @Test
  void does_what_waits_in_order_and_no_more_of_it_than_there_is_time_for() {
    Turn turn = turn(new Crowd(1));
    List<Integer> done = later(turn, 7, Duration.ofNanos(700_000));
    endTurn();
    assertThat(done).isEmpty();

    nextTurn();
    assertThat(done).containsExactly(0, 1, 2);
    nextTurn();
    assertThat(done).containsExactly(0, 1, 2, 3, 4, 5);
    nextTurn();
    assertThat(done).containsExactly(0, 1, 2, 3, 4, 5, 6);
  }

  @Test
  void does_one_of_those_that_never_fit_each_time() {
    Turn turn = turn(new Crowd(1));
    List<Integer> done = later(turn, 3, Duration.ofMillis(90));
    for (int at = 1; at <= 3; at++) {
      nextTurn();
      assertThat(done).hasSize(at);
    }
  }

  @Test
  void goes_on_after_one_that_fails() {
    Turn turn = turn(new Crowd(1));
    List<Integer> done = new ArrayList<>();
    turn.later(
        () -> {
          throw new IllegalStateException();
        });
    turn.later(() -> done.add(1));
    assertThatThrownBy(this::nextTurn).isInstanceOf(IllegalStateException.class);
    nextTurn();
    assertThat(done).containsExactly(1);
  }

  @Test
  void lets_nobody_wait_while_another_processor_has_less_to_do() {
    Crowd crowd = new Crowd(2);
    Turn one = turn(crowd);
    Turn other = turn(crowd);
    assertThat(one.joinCrowd()).isFalse();
    assertThat(one.joinCrowd()).isFalse();
    assertThat(other.joinCrowd()).isTrue();
    assertThat(one.joinCrowd()).isTrue();

    nextTurn(); // in which neither is asked again
    assertThat(crowd.isEverywhere()).isFalse();
    assertThat(one.joinCrowd()).isFalse();
  }

  @Test
  void is_crowded_for_as_long_as_somebody_waits() {
    Crowd crowd = new Crowd(1);
    Turn turn = turn(crowd);
    turn.later(() -> takes(Duration.ofMillis(5)));
    turn.later(() -> takes(Duration.ofMillis(5)));
    nextTurn();
    nextTurn();
    assertThat(crowd.isEverywhere()).isTrue();

    nextTurn();
    assertThat(crowd.isEverywhere()).isFalse();
    assertThat(afterwards).isEmpty();
  }

  @Test
  void counts_the_time_of_an_evaluation_that_fails() {
    Turn turn = turn(new Crowd(1));
    assertThatThrownBy(
            () ->
                turn.spend(
                    () -> {
                      takes(Duration.ofMillis(2));
                      throw new IllegalStateException();
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(turn.hasTime()).isFalse();
  }

  private Turn turn(Crowd crowd) {
    return new Turn(later::add, afterwards::add, crowd, Duration.ofMillis(1), clock::nanoTime);
  }

  /** So many pieces of work, each of which takes that time and adds its number to the list. */
  private List<Integer> later(Turn turn, int pieces, Duration time) {
    List<Integer> done = new ArrayList<>();
    for (int at = 0; at < pieces; at++) {
      int number = at;
      turn.later(
          () -> {
            takes(time);
            done.add(number);
          });
    }
    return done;
  }

  private boolean takes(Duration time) {
    clock.advance(time);
    return true;
  }

  private void ask(int times) {
    IntStream.range(0, times)
        .forEach(
            _ ->
                exchange.exchange(
                    TestExchange.request("payments-api", credential),
                    TestExchange.enough(),
                    home,
                    answers::add));
  }

  private void endTurn() {
    for (Runnable task = later.poll(); task != null; task = later.poll()) {
      task.run();
    }
  }

  /** What a thread does after it has looked for more. */
  private void nextTurn() {
    endTurn();
    List<Runnable> next = List.copyOf(afterwards);
    afterwards.clear();
    next.forEach(Runnable::run);
    endTurn();
  }
}
