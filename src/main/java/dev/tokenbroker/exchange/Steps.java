package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.token.IssuedToken;

/** The steps of an exchange from the credential's format on, as {@link TokenExchange} has them. */
@FunctionalInterface
interface Steps {

  /** Takes the steps, and leaves the finding of each on the trail. */
  Outcome<IssuedToken> take(Judgement judgement, Deadline deadline);
}
