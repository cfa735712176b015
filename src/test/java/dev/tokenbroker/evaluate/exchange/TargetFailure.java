package dev.tokenbroker.evaluate.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import java.time.Duration;

/**
 * The end of an exchange whose target fails, a row of a table.
 *
 * @param hint a part of what the caller or the operator learns
 * @param pushback the shortest one, if the reason has one at all
 * @param requests how many requests the target receives
 */
record TargetFailure(RefusalReason reason, String hint, Duration pushback, int requests) {

  /** The end with that reason, named without {@code UPSTREAM_}. */
  static TargetFailure of(String reason, String hint, Duration pushback, int requests) {
    return new TargetFailure(RefusalReason.valueOf("UPSTREAM_" + reason), hint, pushback, requests);
  }

  void assertEnd(Exchanged ended, String told, int received) {
    Refusal refusal = Outcomes.refused(ended.outcome());
    assertThat(refusal.reason()).as("%s", ended.verdict()).isEqualTo(reason);
    assertThat(told).contains(hint);
    if (reason.retry() == RefusalReason.Retry.LATER) {
      assertThat(refusal.retryAfter()).isGreaterThanOrEqualTo(pushback);
    } else {
      assertThat(refusal.retryAfter()).isNull();
    }
    assertThat(received).isEqualTo(requests);
  }
}
