package dev.tokenbroker.peers.http;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The result of a request that was sent for a diagnosis. */
public sealed interface Probed permits Probed.ProbeAnswer, CallFailed {

  /**
   * A response with any status.
   *
   * @param uri the requested URL; after redirects within the origin, the last one
   * @param location {@code Location} of a redirect that is not followed; otherwise null
   * @param contentType as received; empty where absent
   * @param body at most {@value PeerClient#MAX_BODY_BYTES} bytes; never to be shown
   * @param times the headers that concern time
   * @param words what the response says about itself
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
  record ProbeAnswer(
      URI uri,
      int status,
      @Nullable String location,
      String contentType,
      byte[] body,
      AnswerTimes times,
      AnswerText words)
      implements Probed {

    @Override
    public String toString() {
      return "ProbeAnswer[" + status + ", " + body.length + " bytes]";
    }
  }

  /**
   * What a response says about time.
   *
   * @param retryAfter how long the peer asks us to wait; null where absent
   * @param maxAge {@code max-age} of Cache-Control; null where absent
   * @param age how long a cache on the way held the response
   * @param date the time by the peer's clock; null where absent
   * @param roundTrip from the sending of the request to the head of the response
   * @param sinceMidpoint from the middle of that round trip to the end of the response
   */
  record AnswerTimes(
      @Nullable Duration retryAfter,
      @Nullable Duration maxAge,
      Duration age,
      @Nullable Instant date,
      Duration roundTrip,
      Duration sinceMidpoint) {}
}
