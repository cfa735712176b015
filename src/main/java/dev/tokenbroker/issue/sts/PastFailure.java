package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import java.time.Instant;

/**
 * A failed attempt at an upstream, kept for the calls that are refused because of it.
 *
 * @param at when it ended
 */
record PastFailure(Refusal why, Instant at) {

  RefusalReason reason() {
    return why.reason();
  }

  /** The refusal with what the upstream did at that time as notes for operators. */
  Refusal tellIn(Refusal refusal) {
    Refusal told = refusal.note("The last failed attempt was at %s: %s.".formatted(at, why.seen()));
    for (String note : why.notes()) {
      told = told.note(note);
    }
    return told;
  }
}
