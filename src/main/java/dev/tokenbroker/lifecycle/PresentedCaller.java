package dev.tokenbroker.lifecycle;

import dev.tokenbroker.possession.PresentedKeys;

/**
 * What a caller brings to show that it may use the broker beyond exchanges; nothing of it is proved
 * but the certificate among its keys.
 *
 * @param authorization the {@code Authorization} header (RFC 6750 section 2.1), empty where there
 *     is none; never logged
 * @param keys what it brings to show that it holds keys
 * @param door the edge that the call came through
 * @param peer the caller's address; empty where unknown
 */
public record PresentedCaller(String authorization, PresentedKeys keys, String door, String peer) {

  @Override
  public String toString() {
    return "PresentedCaller[" + door + ", " + peer + "]";
  }
}
