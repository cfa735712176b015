package dev.tokenbroker.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {

  @Test
  void at_once_leaves_no_time_and_never_passes() {
    assertThat(Deadline.atOnce().remaining()).isZero();
    assertThat(Deadline.atOnce().hasPassed()).isFalse();
    assertThat(Deadline.atOnce().within(Duration.ofHours(1))).isSameAs(Deadline.atOnce());
  }

  @Test
  void has_passed_when_nothing_remains() {
    Deadline passed = Deadline.after(Duration.ofNanos(-1));
    assertThat(passed.remaining()).isZero();
    assertThat(passed.hasPassed()).isTrue();
    assertThat(Deadline.after(Duration.ofHours(1)).hasPassed()).isFalse();
  }

  @Test
  void a_callers_that_passes_is_no_fault_of_what_was_waited_for() {
    Deadline callers = Deadline.after(Duration.ofHours(1));
    assertThat(callers.passed(RefusalReason.KEYS_UNREACHABLE))
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(Deadline.atOnce().passed(RefusalReason.KEYS_UNREACHABLE))
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
  }

  @Test
  void a_limit_that_passes_is_the_fault_of_what_was_waited_for() {
    Deadline limit = Deadline.limit(Duration.ofHours(1));
    assertThat(limit.passed(RefusalReason.KEYS_UNREACHABLE))
        .isEqualTo(RefusalReason.KEYS_UNREACHABLE);
    assertThat(limit.within(Duration.ofMinutes(1)).passed(RefusalReason.KEYS_UNREACHABLE))
        .isEqualTo(RefusalReason.KEYS_UNREACHABLE);
  }

  @Test
  void is_the_earlier_of_two() {
    Deadline hour = Deadline.after(Duration.ofHours(1));
    Deadline day = Deadline.after(Duration.ofDays(1));
    assertThat(hour.within(Duration.ofDays(1))).isSameAs(hour);
    assertThat(day.within(Duration.ofHours(1)).remaining())
        .isLessThanOrEqualTo(Duration.ofHours(1));
  }
}
