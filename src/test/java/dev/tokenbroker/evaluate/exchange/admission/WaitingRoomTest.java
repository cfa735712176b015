package dev.tokenbroker.evaluate.exchange.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may wait, at a target of 250 ms and on two processors. */
class WaitingRoomTest {

  private static final Duration TARGET = Duration.ofMillis(250);
  private static final int PROCESSORS = 2;
  private static final int LEAST_ROOM = 2 * WaitingRoom.LEAST_ROOM_PER_PROCESSOR;

  /** A rate of 20 in a millisecond makes a room of 5 000. */
  private static final int RATE = 20;

  private static final int ROOM = 5_000;

  private final TestClock clock = new TestClock();
  private final WaitingRoom room = new WaitingRoom(TARGET, PROCESSORS, clock::nanoTime);

  @Test
  void a_burst_that_clears_within_the_target_does_not_overload_it() {
    enter(ROOM);
    for (int millis = 0; millis < 250; millis++) {
      pass(0, RATE);
      assertThat(room.isOverloaded()).isFalse();
    }
    assertThat(room.waiting()).isZero();
  }

  @Test
  void is_overloaded_after_two_windows_with_too_long_a_queue() {
    int millis = 0;
    while (!room.isOverloaded()) {
      pass(2 * RATE, RATE);
      millis++;
      assertThat(millis).isLessThan(403);
    }
    assertThat(millis).isGreaterThan(350);
  }

  @Test
  void one_window_with_too_long_a_queue_does_not_overload_it() {
    passMillis(400, RATE, RATE);
    enter(ROOM + 2_000);
    passMillis(50, RATE, RATE);
    for (int left = 0; left < 2_000; left++) {
      room.leave();
    }
    for (int millis = 0; millis < 200; millis++) {
      pass(RATE, RATE);
      assertThat(room.isOverloaded()).isFalse();
    }
  }

  /** A fresh process is slow; a caller in a closed loop is served later, and not refused. */
  @ParameterizedTest
  @ValueSource(ints = {1, 20, 100, 399})
  void a_queue_of_128_for_each_processor_never_overloads_it(int millisEach) {
    enter(LEAST_ROOM);
    for (int at = 0; at < 1_000; at++) {
      assertThat(room.begin(Duration.ofMinutes(1).toNanos())).isTrue();
      clock.advance(Duration.ofMillis(millisEach));
      assertThat(room.enter()).isTrue();
    }
    assertThat(room.isOverloaded()).isFalse();
  }

  @Test
  void a_longer_queue_that_drains_too_slowly_overloads_it() {
    enter(LEAST_ROOM + 2);
    passMillis(200, 1, 1);
    assertThat(room.isOverloaded()).isTrue();
  }

  @Test
  void queues_only_what_starts_within_the_target_during_overload() {
    overload();
    assertThat(room.room()).isBetween(ROOM - 100, ROOM + 100);

    while (room.waiting() >= room.room()) {
      room.leave();
    }
    assertThat(room.enter()).isTrue();
    assertThat(room.enter()).isFalse();
    assertThat(room.waiting()).isEqualTo(room.room());
  }

  @Test
  void queues_128_for_each_processor_during_overload_however_slow() {
    enter(2 * LEAST_ROOM);
    passMillis(200, 1, 1);
    assertThat(room.isOverloaded()).isTrue();
    assertThat(room.room()).isEqualTo(LEAST_ROOM);
  }

  @Test
  void refuses_waits_of_more_than_twice_the_target_during_overload() {
    assertThat(room.enter()).isTrue();
    assertThat(room.begin(Duration.ofMinutes(1).toNanos())).isTrue();
    overload();
    long twice = TARGET.multipliedBy(2).toNanos();
    assertThat(room.begin(twice + 1)).isFalse();
    assertThat(room.begin(twice)).isTrue();
  }

  @Test
  void stays_overloaded_while_more_than_one_in_twenty_is_refused() {
    overload();
    passMillis(2_000, RATE + 2, RATE);
    assertThat(room.isOverloaded()).isTrue();
  }

  @Test
  void overload_ends_after_a_window_without_a_refusal() {
    overload();
    passMillis(600, 2 * RATE, RATE); // those beyond the room have been worked off
    passMillis(102, RATE, RATE);
    assertThat(room.isOverloaded()).isFalse();
  }

  /** As by a stop of the whole process: its end says nothing of the load. */
  @Test
  void a_window_in_which_the_process_stood_still_does_not_overload() {
    passMillis(400, RATE, RATE);
    enter(ROOM + 2_000);
    passMillis(50, RATE, RATE);
    clock.advance(Duration.ofMillis(401));
    pass(RATE, RATE);
    passMillis(49, RATE, RATE);
    assertThat(room.isOverloaded()).isFalse();
  }

  @Test
  void overload_ends_after_eight_windows_with_nothing_waiting() {
    overload();
    while (room.waiting() > 1) {
      room.leave();
    }
    clock.advance(Duration.ofMillis(401));
    assertThat(room.isOverloaded()).isTrue();
    room.leave();
    assertThat(room.isOverloaded()).isFalse();
  }

  @Test
  void takes_a_burst_whole_once_the_load_has_gone() {
    enter(2 * LEAST_ROOM);
    passMillis(200, 1, 1);
    assertThat(room.isOverloaded()).isTrue();
    while (room.waiting() > 0) {
      room.leave();
    }
    clock.advance(Duration.ofMillis(401));
    for (int at = 0; at < 4 * LEAST_ROOM; at++) {
      assertThat(room.enter()).as("caller %d", at).isTrue();
    }
  }

  private void overload() {
    for (int millis = 0; !room.isOverloaded(); millis++) {
      pass(2 * RATE, RATE);
      assertThat(millis).isLessThan(1_000);
    }
  }

  private void passMillis(int millis, int come, int begun) {
    for (int at = 0; at < millis; at++) {
      pass(come, begun);
    }
  }

  /** So many come and are begun, then a millisecond passes. */
  private void pass(int come, int begun) {
    enter(come);
    for (int at = 0; at < begun && room.waiting() > 0; at++) {
      room.begin(0);
    }
    clock.advance(Duration.ofMillis(1));
  }

  private void enter(int come) {
    for (int at = 0; at < come; at++) {
      room.enter();
    }
  }
}
