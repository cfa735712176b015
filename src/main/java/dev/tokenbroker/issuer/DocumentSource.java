package dev.tokenbroker.issuer;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.upstream.FetchRequest;
import dev.tokenbroker.upstream.Fetched;

/** Fences off the network: what fetches documents. */
@FunctionalInterface
interface DocumentSource {

  /** Waits for the document, until the deadline at most. */
  Fetched get(FetchRequest request, Deadline deadline);
}
