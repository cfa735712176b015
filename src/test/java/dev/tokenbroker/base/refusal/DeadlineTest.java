package dev.tokenbroker.base.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {

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

  @Test
  void is_the_later_of_two() {
    Deadline hour = Deadline.after(Duration.ofHours(1));
    Deadline day = Deadline.limit(Duration.ofDays(1));
    assertThat(hour.orLater(day)).isSameAs(day);
    assertThat(day.orLater(hour)).isSameAs(day);
    assertThat(day.orLater(day)).isSameAs(day);
  }
}
