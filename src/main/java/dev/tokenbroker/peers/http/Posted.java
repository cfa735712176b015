package dev.tokenbroker.peers.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The result of a posted form. */
public sealed interface Posted permits Posted.Response, CallFailed {

  /**
   * A response with any status: redirects included, which are not followed.
   *
   * @param contentType as received; empty where absent
   * @param body at most {@value PeerClient#MAX_BODY_BYTES} bytes; also empty where it cannot be
   *     read and the status says enough: 5xx, 429, 408. Never to be logged
   * @param retryAfter how long the peer asks us to wait (RFC 9110 section 10.2.3), at most an hour;
   *     null where absent or unreadable
   * @param location as received (RFC 9110 section 10.2.2); null where absent
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
  record Response(
      int status,
      String contentType,
      byte[] body,
      @Nullable Duration retryAfter,
      @Nullable String location)
      implements Posted {

    @Override
    public String toString() {
      return "Response[" + status + ", " + body.length + " bytes, retryAfter=" + retryAfter + "]";
    }
  }
}
