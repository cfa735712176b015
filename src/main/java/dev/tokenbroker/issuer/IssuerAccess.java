package dev.tokenbroker.issuer;

import dev.tokenbroker.outbound.FetchRequest;
import dev.tokenbroker.outbound.Fetched;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;

/**
 * The way to the documents of one issuer: the network, and the token that the broker presents.
 *
 * @param documents fetches the documents
 * @param bearers asked before each fetch
 */
record IssuerAccess(DocumentSource documents, BearerSource bearers) {

  /** Fetches with a token if the issuer wants one; refused if there is no token to present. */
  Outcome<Fetched> get(FetchRequest request, Deadline deadline) {
    return bearers
        .bearer(deadline)
        .map(token -> documents.get(token.map(request::withBearer).orElse(request), deadline));
  }
}
