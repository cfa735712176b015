package dev.tokenbroker.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;

/** Reads outcomes, and fails the test where they are of the other sort. */
final class Endings {

  private Endings() {}

  static <T> T accepted(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
    return ((Outcome.Accepted<T>) outcome).value();
  }

  static Refusal refused(Outcome<?> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused<?>) outcome).refusal();
  }
}
