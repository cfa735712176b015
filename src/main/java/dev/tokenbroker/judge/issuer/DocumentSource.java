package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.peers.http.FetchRequest;
import dev.tokenbroker.peers.http.Fetched;

/** Fetches documents; hides the network. */
@FunctionalInterface
interface DocumentSource {

  /** Waits for the document, at most until the deadline. */
  Fetched get(FetchRequest request, Deadline deadline);
}
