package dev.tokenbroker.http;

import dev.tokenbroker.lifecycle.PresentedCaller;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.possession.PresentedKeys;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;

/**
 * A request with a form as it arrived; nothing in it has been parsed. Holds credentials, so {@link
 * #toString} shows the address only.
 *
 * @param body the encoded form
 * @param authorization the {@code Authorization} header, empty if there is none
 * @param keys what the caller sent to prove possession of keys
 * @param peer the caller's address, empty if unknown
 * @param deadline when the response is due
 */
record ReceivedForm(
    Buffer body, String authorization, PresentedKeys keys, String peer, Deadline deadline) {

  /** The name of this edge in records. */
  static final String DOOR = "http";

  /**
   * The {@code Authorization} header of a request, empty if there is none. Two headers are joined,
   * which no scheme accepts: the header may be given once (RFC 9110 section 5.3).
   */
  static String authorization(HttpServerRequest request) {
    return String.join(", ", request.headers().getAll(HttpHeaders.AUTHORIZATION));
  }

  /** The caller, for uses of the broker other than an exchange. */
  PresentedCaller caller() {
    return new PresentedCaller(authorization, keys, DOOR, peer);
  }

  @Override
  public String toString() {
    return "ReceivedForm[" + peer + "]";
  }
}
