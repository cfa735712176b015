package dev.tokenbroker.exchange;

import org.jspecify.annotations.Nullable;

/**
 * What a caller brings to show that it may use the broker beyond exchanges; nothing of it is proved
 * but the certificate.
 *
 * @param authorization the {@code Authorization} header (RFC 6750 section 2.1), empty where there
 *     is none; never logged
 * @param certificate the SHA-256 thumbprint of the TLS certificate that it has proved to hold, in
 *     base64url; null where it has none
 * @param door the edge that the call came through
 * @param peer the caller's address; empty where unknown
 */
public record PresentedCaller(
    String authorization, @Nullable String certificate, String door, String peer) {

  @Override
  public String toString() {
    return "PresentedCaller[" + door + ", " + peer + "]";
  }
}
