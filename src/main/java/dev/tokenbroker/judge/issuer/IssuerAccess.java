package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.peers.http.FetchRequest;
import dev.tokenbroker.peers.http.Fetched;

/**
 * The ways to one issuer: the network, and the token that the broker presents.
 *
 * @param documents fetches the documents
 * @param bearers asked before each fetch
 * @param reviews asks the issuer about a credential
 */
record IssuerAccess(DocumentSource documents, BearerSource bearers, CredentialReview reviews) {

  /** The ways to an issuer whose documents anybody may read. */
  static IssuerAccess open(DocumentSource documents) {
    return new IssuerAccess(documents, BearerSource.NONE, CredentialReview.NONE);
  }

  /** Fetches with a token if the issuer wants one; refused if there is no token to present. */
  Outcome<Fetched> get(FetchRequest request, Deadline deadline) {
    return bearers
        .bearer(deadline)
        .map(token -> documents.get(token.map(request::withBearer).orElse(request), deadline));
  }
}
