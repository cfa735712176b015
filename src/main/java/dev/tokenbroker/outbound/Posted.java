package dev.tokenbroker.outbound;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What came of a posted form. */
public sealed interface Posted {

  /**
   * An answer, whatever its status: redirects included, which are not followed.
   *
   * @param contentType as it came; empty where not said
   * @param body at most {@value UpstreamClient#MAX_BODY_BYTES} bytes; empty, too, where it cannot
   *     be read and the status says enough: 5xx, 429, 408. Never to be logged
   * @param retryAfter how long the peer asks us to wait (RFC 9110 section 10.2.3), at most an hour;
   *     null where it does not say so intelligibly
   */
  @SuppressWarnings("ArrayRecordComponent") // it is handed over once and never compared
  record Response(int status, String contentType, byte[] body, @Nullable Duration retryAfter)
      implements Posted {

    @Override
    public String toString() {
      return "Response[" + status + ", " + body.length + " bytes, retryAfter=" + retryAfter + "]";
    }
  }

  /**
   * None, or none that is whole. Whether the peer acted on the form is not known.
   *
   * @param detail a sentence without anything of the request or of the answer's body
   */
  record Failed(FetchFailure kind, String detail) implements Posted {}
}
