package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.policy.Grant;
import org.jspecify.annotations.Nullable;

/**
 * How a request was judged: the same for all who asked it at the same time.
 *
 * @param outcome what came of it
 * @param trail the steps on the way; no longer written
 * @param identity what the credential was proved to say; null where it was not
 * @param grant what a rule allows; null where none does
 */
record Judged<T>(
    Outcome<T> outcome, Trail trail, @Nullable VerifiedIdentity identity, @Nullable Grant grant) {

  /** A request that went no further than that step. */
  static <T> Judged<T> refused(Trail trail, Step step, Refusal why) {
    return new Judged<>(trail.refuse(step, why), trail, null, null);
  }

  /** The same, with more said of the refusal that it ended in. */
  Judged<T> refused(Refusal told) {
    return new Judged<>(Outcome.refused(told), trail, identity, grant);
  }
}
