package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.judge.possession.PresentedKeys;

/**
 * The evidence of a caller that uses the broker for more than exchanges. The broker has verified
 * only the certificate among the keys.
 *
 * @param authorization the {@code Authorization} header (RFC 6750 section 2.1), empty if there is
 *     none; never logged
 * @param keys the evidence that the caller holds keys
 * @param edge the edge that received the call
 * @param peer the caller's address; empty if unknown
 */
public record PresentedCaller(String authorization, PresentedKeys keys, String edge, String peer) {

  @Override
  public String toString() {
    return "PresentedCaller[" + edge + ", " + peer + "]";
  }
}
