package dev.tokenbroker.http;

import dev.tokenbroker.door.PeerAddress;
import dev.tokenbroker.exchange.PresentedCaller;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.possession.PresentedKeys;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;

/**
 * A request with a form, as it came; nothing of the form has been looked at. Holds credentials, so
 * that nothing of it stands in {@link #toString}.
 */
final class ReceivedForm {

  static final String DOOR = "http";

  private final byte[] body;
  private final String authorization;
  private final PresentedKeys keys;
  private final String peer;
  private final Deadline deadline;

  private ReceivedForm(
      byte[] body, HttpServerRequest request, PresentedKeys keys, Deadline deadline) {
    this.body = body;
    this.authorization = authorization(request);
    this.keys = keys;
    this.peer = PeerAddress.of(request);
    this.deadline = deadline;
  }

  /**
   * @param body the form, encoded; not copied
   * @param keys what its sender brings to show that it holds keys
   * @param deadline when the answer must be there
   */
  static ReceivedForm of(
      byte[] body, HttpServerRequest request, PresentedKeys keys, Deadline deadline) {
    return new ReceivedForm(body, request, keys, deadline);
  }

  /** The form, encoded. Not copied: do not change it. */
  byte[] body() {
    return body;
  }

  /** The {@code Authorization} header, empty where there is none. */
  String authorization() {
    return authorization;
  }

  /** The caller's address; empty where unknown. */
  String peer() {
    return peer;
  }

  /** What the caller brings to show that it holds keys. */
  PresentedKeys keys() {
    return keys;
  }

  Deadline deadline() {
    return deadline;
  }

  /** What the caller brings to use the broker beyond exchanges. */
  PresentedCaller caller() {
    return new PresentedCaller(authorization, keys, DOOR, peer);
  }

  /**
   * The {@code Authorization} header of a request, empty where there is none. Two of them are none
   * (RFC 9110 section 5.3): what is made of them is good for nothing.
   */
  static String authorization(HttpServerRequest request) {
    return String.join(", ", request.headers().getAll(HttpHeaders.AUTHORIZATION));
  }

  @Override
  public String toString() {
    return "ReceivedForm[" + peer + "]";
  }
}
