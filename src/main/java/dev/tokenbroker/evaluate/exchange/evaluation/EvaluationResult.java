package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How an evaluation ended: the same for all callers who share it.
 *
 * @param trail the steps taken; no longer written
 * @param identity what the credential proved; null if it was not verified
 * @param grant what a rule allows; null if none does
 */
public record EvaluationResult<T>(
    Outcome<T> outcome, Trail trail, @Nullable VerifiedIdentity identity, @Nullable Grant grant) {

  /** The result of a request that ended at that step. */
  public static <T> EvaluationResult<T> refused(Trail trail, Step step, Refusal why) {
    return new EvaluationResult<>(trail.refuse(step, why), trail, null, null);
  }

  /** The result of a request of invalid shape. */
  public static <T> EvaluationResult<T> refused(Refusal why) {
    return refused(new Trail(), Step.REQUEST, why);
  }

  /** The same with another refusal of the same kind, such as one with a later time to retry. */
  public EvaluationResult<T> with(Refusal told) {
    return new EvaluationResult<>(Outcome.refused(told), trail, identity, grant);
  }

  /** The same with another form of what was given. */
  public EvaluationResult<T> map(UnaryOperator<T> form) {
    return new EvaluationResult<>(outcome.map(form), trail, identity, grant);
  }

  /** Whether it was refused for load, before anything was judged. */
  public boolean isNotAdmitted() {
    return trail.failed() == Step.ADMISSION;
  }

  /** Whether it never began, since the deadlines of all waiting callers had passed. */
  public boolean isGivenUp() {
    return isNotAdmitted()
        && outcome instanceof Outcome.Refused<T>(Refusal why)
        && why.reason() == RefusalReason.DEADLINE_EXCEEDED;
  }

  /**
   * Whether the credential may be exchanged only once, so that no other caller may be given this.
   */
  public boolean isOnceOnly() {
    return identity != null && identity.issuer().once();
  }
}
