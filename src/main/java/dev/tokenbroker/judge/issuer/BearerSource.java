package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.peers.http.BearerToken;
import java.util.Optional;

/** The source of the token that the broker presents when it fetches the documents of an issuer. */
@FunctionalInterface
interface BearerSource {

  /** The source for documents that anybody may read. */
  BearerSource NONE = _ -> Outcome.accepted(Optional.empty());

  /**
   * The token for the next fetch; empty if the broker presents none. May wait until the deadline.
   *
   * @return or a refusal, and then the fetch has failed for its reason
   */
  Outcome<Optional<BearerToken>> bearer(Deadline deadline);
}
