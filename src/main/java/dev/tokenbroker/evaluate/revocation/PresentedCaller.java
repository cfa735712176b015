package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedSecret;
import dev.tokenbroker.judge.credential.PresentedSecret.In;
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
 * @param client what the caller sent to prove that it is a registered client
 */
public record PresentedCaller(
    String authorization, PresentedKeys keys, String edge, String peer, PresentedClient client) {

  /** Is none: it proves nothing, and counts as a wrong secret. */
  public static final PresentedClient UNREADABLE_CLIENT =
      new PresentedClient("", new PresentedSecret(new byte[0], In.BASIC), "", "", false);

  /** A caller whose client stands in the header, if anywhere. */
  public PresentedCaller(String authorization, PresentedKeys keys, String edge, String peer) {
    this(authorization, keys, edge, peer, ofHeader(authorization));
  }

  /** The client in an {@code Authorization} header; none if the scheme is not {@code Basic}. */
  public static PresentedClient ofHeader(String authorization) {
    return PresentedClient.isBasic(authorization)
        ? PresentedClient.ofBasic(authorization).orElse(UNREADABLE_CLIENT)
        : PresentedClient.NONE;
  }

  @Override
  public String toString() {
    return "PresentedCaller[" + edge + ", " + peer + "]";
  }
}
