package dev.tokenbroker.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.Logged;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class StateLogTest {

  private static final String REFUSES = "WARNING orders is refused: wide";
  private static final String ISSUES = "INFO orders is issued again";

  @AutoClose private final Logged logged = Logged.open(StateLogTest.class);
  private long nanos = 1;
  private final StateLog log = new StateLog(StateLogTest.class, StateLog.QUIET, () -> nanos);

  @Test
  void tells_the_first_report_and_the_first_success_after_it() {
    for (int at = 0; at < 100; at++) {
      assertThat(begins("wide")).isEqualTo(at == 0);
    }
    nanos += StateLog.QUIET.toNanos();
    assertThat(ends("orders")).isTrue();
    assertThat(ends("orders")).isFalse();

    assertThat(logged.lines()).containsExactly(REFUSES, ISSUES);
  }

  @Test
  void a_state_that_comes_now_and_then_is_told_once() {
    for (int at = 0; at < 100; at++) {
      begins("wide");
      nanos += StateLog.QUIET.toNanos() - 1;
      ends("orders");
    }

    assertThat(logged.lines()).containsExactly(REFUSES);
  }

  @Test
  void success_of_one_subject_says_nothing_of_another() {
    begins("wide");
    nanos += StateLog.QUIET.toNanos();
    ends("payments");

    assertThat(logged.lines()).containsExactly(REFUSES);
  }

  @Test
  void tells_another_state() {
    begins("wide");
    begins("forbidden");

    assertThat(logged.lines()).containsExactly(REFUSES, "WARNING orders is refused: forbidden");
  }

  private boolean begins(String state) {
    return log.begins("orders", state, () -> "orders is refused: " + state);
  }

  private boolean ends(String subject) {
    return log.ends(subject, () -> subject + " is issued again");
  }
}
