package dev.tokenbroker.base.refusal;

import static org.assertj.core.api.Assertions.assertThat;

/** Reads outcomes, and fails the test where they are of the other sort. */
public final class Outcomes {

  private Outcomes() {}

  public static <T> T accepted(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
    return ((Outcome.Accepted<T>) outcome).value();
  }

  public static Refusal refused(Outcome<?> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused<?>) outcome).refusal();
  }

  public static Refusal refused(Outcome<?> outcome, RefusalReason reason) {
    Refusal refusal = refused(outcome);
    assertThat(refusal.reason()).isEqualTo(reason);
    return refusal;
  }

  public static RefusalReason reason(Outcome<?> outcome) {
    return refused(outcome).reason();
  }
}
