package dev.tokenbroker.base.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.Unchecked;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  private static final Refusal NO = Refusal.of(RefusalReason.TARGET_UNKNOWN);

  @Test
  void an_accepted_one_goes_on() {
    assertThat(Outcome.accepted(2).then(value -> Outcome.accepted(value + 1)).map(v -> "v" + v))
        .isEqualTo(Outcome.accepted("v3"));
  }

  @Test
  void a_refusal_ends_the_way_and_stays_what_it_is() {
    Outcome<Integer> refused = Outcome.refused(NO);

    Outcome<String> end =
        refused
            .<String>then(_ -> Unchecked.raise(new AssertionError("the way has ended")))
            .map(String::strip);

    assertThat(end).isEqualTo(Outcome.refused(NO));
  }

  @Test
  void a_later_refusal_counts() {
    assertThat(Outcome.accepted(2).then(_ -> Outcome.<String>refused(NO)))
        .isEqualTo(Outcome.refused(NO));
  }
}
