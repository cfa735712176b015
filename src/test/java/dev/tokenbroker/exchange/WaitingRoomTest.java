package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.runtime.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who may wait, at a target of 3 ms and on two processors. */
class WaitingRoomTest {

  private static final Duration TARGET = Duration.ofMillis(3);
  private static final int PROCESSORS = 2;

  private final TestClock clock = new TestClock();
  private final WaitingRoom room = new WaitingRoom(TARGET, PROCESSORS, clock::nanoTime);

  @Test
  void is_not_overloaded_by_a_burst_that_is_being_worked_off() {
    for (int at = 0; at < 500; at++) {
      assertThat(room.enter()).isTrue();
    }
    for (int at = 0; at < 500; at++) {
      clock.advance(Duration.ofMillis(1));
      assertThat(room.begin(Duration.ofMillis(at).toNanos())).isTrue();
      assertThat(room.isOverloaded()).isFalse();
    }
  }

  @Test
  void is_overloaded_where_more_come_than_are_begun_for_three_windows() {
    int millis = 0;
    while (!room.isOverloaded()) {
      pass(1, 2, 1, Duration.ofMillis(1));
      millis++;
      assertThat(millis).isLessThan(110);
    }
    assertThat(millis).isGreaterThan(50);
  }

  @Test
  void counts_those_who_need_not_wait_as_begun() {
    for (int at = 0; at < 20; at++) {
      assertThat(room.enter()).isTrue();
    }
    for (int millis = 0; millis < 500; millis++) {
      // One of those who wait is begun and replaced; ten more are made at once: 20 is 2 ms of work.
      for (int at = 0; at < 10; at++) {
        room.passBy();
      }
      pass(1, 1, 1, Duration.ofMillis(1));
    }
    assertThat(room.isOverloaded()).isFalse();
  }

  @Test
  void lets_two_wait_for_each_processor_while_overloaded() {
    overload(2, 1);
    assertThat(room.room()).isEqualTo(2 * PROCESSORS);
    for (int left = room.waiting(); left > 0; left--) {
      room.leave();
    }
    for (int at = 0; at < 2 * PROCESSORS; at++) {
      assertThat(room.enter()).isTrue();
    }
    assertThat(room.enter()).isFalse();
  }

  @Test
  void lets_as_many_wait_as_are_begun_in_a_third_of_the_target() {
    overload(60, 20);
    assertThat(room.room()).isBetween(15, 21);
  }

  @Test
  void refuses_while_overloaded_who_has_waited_for_longer_than_the_target() {
    overload(60, 20);
    assertThat(room.begin(TARGET.toNanos() + 1)).isFalse();
    assertThat(room.begin(TARGET.toNanos())).isTrue();
  }

  @Test
  void waits_longer_where_evaluations_are_slow() {
    for (int at = 0; at < 100; at++) {
      pass(10, 4, 1, Duration.ofMillis(1));
    }
    assertThat(room.isOverloaded()).isTrue();
    assertThat(room.begin(Duration.ofMillis(60).toNanos())).isTrue();
    assertThat(room.begin(Duration.ofMillis(100).toNanos())).isFalse();
  }

  private void overload(int come, int begun) {
    for (int millis = 0; millis < 400; millis++) {
      pass(1, come, begun, Duration.ofMillis(1));
    }
    assertThat(room.isOverloaded()).isTrue();
  }

  /** So many come and are begun, then that time passes. */
  private void pass(int millis, int come, int begun, Duration waited) {
    for (int at = 0; at < come; at++) {
      boolean _ = room.enter();
    }
    for (int at = 0; at < begun && room.waiting() > 0; at++) {
      boolean _ = room.begin(waited.toNanos());
    }
    clock.advance(Duration.ofMillis(millis));
  }
}
