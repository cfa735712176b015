package dev.tokenbroker.issuer;

import dev.tokenbroker.outbound.FetchRequest;
import dev.tokenbroker.outbound.Fetched;
import dev.tokenbroker.outcome.Deadline;

/** Fences off the network: what fetches documents. */
@FunctionalInterface
interface DocumentSource {

  /** Waits for the document, until the deadline at most. */
  Fetched get(FetchRequest request, Deadline deadline);
}
