package dev.tokenbroker.peers.http;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The result of a fetch. */
public sealed interface Fetched permits Fetched.Document, CallFailed {

  /**
   * A document, received with status 200.
   *
   * @param body at most {@value PeerClient#MAX_BODY_BYTES} bytes; never to be logged
   * @param maxAge {@code max-age} of Cache-Control, zero for {@code no-store} and {@code no-cache};
   *     null where absent
   * @param age how long a cache on the way held the document; zero where it comes from the origin
   * @param date the time by the peer's clock; null where absent
   * @param roundTrip from the sending of the request to the head of the response, which bounds how
   *     far {@code date} can be relied on
   * @param sinceMidpoint from the middle of that round trip to the return of this document
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
  record Document(
      byte[] body,
      @Nullable Duration maxAge,
      Duration age,
      @Nullable Instant date,
      Duration roundTrip,
      Duration sinceMidpoint)
      implements Fetched {

    @Override
    public String toString() {
      return "Document[" + body.length + " bytes, maxAge=" + maxAge + ", age=" + age + "]";
    }
  }
}
