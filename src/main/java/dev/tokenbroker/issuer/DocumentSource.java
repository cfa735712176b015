package dev.tokenbroker.issuer;

import dev.tokenbroker.outbound.FetchRequest;
import dev.tokenbroker.outbound.Fetched;
import dev.tokenbroker.outcome.Deadline;

/** Fetches documents; hides the network. */
@FunctionalInterface
interface DocumentSource {

  /** Waits for the document, at most until the deadline. */
  Fetched get(FetchRequest request, Deadline deadline);
}
