package dev.tokenbroker.http;

import dev.tokenbroker.door.ClientCertificate;
import dev.tokenbroker.exchange.PresentedCaller;
import dev.tokenbroker.outcome.Deadline;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request with a form, as it came; nothing of the form has been looked at. Holds credentials, so
 * that nothing of it stands in {@link #toString}.
 */
final class ReceivedForm {

  static final String DOOR = "http";

  private final HttpServerRequest request;
  private final byte[] body;
  private final String authorization;
  private final @Nullable ClientCertificate certificate;
  private final String peer;
  private final Deadline deadline;

  private ReceivedForm(byte[] body, HttpServerRequest request, Deadline deadline) {
    this.request = request;
    this.body = body;
    // Two of them are no Authorization: what is made of them is good for nothing.
    this.authorization = String.join(", ", request.headers().getAll(HttpHeaders.AUTHORIZATION));
    this.certificate = ClientCertificate.of(request.sslSession()).orElse(null);
    this.peer = peer(request);
    this.deadline = deadline;
  }

  /**
   * @param body the form, encoded; not copied
   * @param deadline when the answer must be there
   */
  static ReceivedForm of(byte[] body, HttpServerRequest request, Deadline deadline) {
    return new ReceivedForm(body, request, deadline);
  }

  /** The request that it came with, for who reads more of it on its event loop. */
  HttpServerRequest request() {
    return request;
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

  Deadline deadline() {
    return deadline;
  }

  /** What the caller brings to use the broker beyond exchanges. */
  PresentedCaller caller() {
    String thumbprint = certificate == null ? null : certificate.thumbprint();
    return new PresentedCaller(authorization, thumbprint, DOOR, peer);
  }

  // A client that has gone away may have no address any more, and a domain socket never has one.
  private static String peer(HttpServerRequest request) {
    SocketAddress address = request.remoteAddress();
    return address == null ? "" : Objects.requireNonNullElse(address.hostAddress(), "");
  }

  @Override
  public String toString() {
    return "ReceivedForm[" + peer + "]";
  }
}
