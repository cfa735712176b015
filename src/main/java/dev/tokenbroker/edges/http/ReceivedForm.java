package dev.tokenbroker.edges.http;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.evaluate.revocation.ClientSecrets;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.judge.possession.PresentedKeys;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;
import java.util.Set;

/**
 * A request with a form, before anything in it is parsed. Holds credentials, so {@link #toString}
 * shows the address only.
 *
 * @param body the encoded form
 * @param query the query of the request target as received, empty if there is none
 * @param authorization the {@code Authorization} header, empty if there is none
 * @param keys what the caller sent to prove possession of keys
 * @param peer the caller's address, empty if unknown
 * @param deadline when the response is due
 */
record ReceivedForm(
    Buffer body,
    String query,
    String authorization,
    PresentedKeys keys,
    String peer,
    Deadline deadline) {

  private static final String CLIENT_ID = "client_id";
  private static final String CLIENT_SECRET = "client_secret";

  /** The name of this edge in records. */
  static final String EDGE = "http";

  /**
   * The {@code Authorization} header of a request, empty if there is none. Several headers become
   * one with commas, which no scheme accepts: the header may be given once (RFC 9110 section 5.3).
   */
  static String authorization(HttpServerRequest request) {
    return String.join(", ", request.headers().getAll(HttpHeaders.AUTHORIZATION));
  }

  /**
   * The caller of an introspection or a revocation. A client secret in the form ({@code
   * client_secret_post}) counts as one in the header, if that header is absent.
   */
  PresentedCaller caller() {
    return new PresentedCaller(
        authorization.isEmpty() ? client().orElse("") : authorization, keys, EDGE, peer);
  }

  private Optional<String> client() {
    return FormParameters.parse(body.getBytes(), Set.of(CLIENT_ID, CLIENT_SECRET))
                instanceof Outcome.Accepted<FormParameters>(FormParameters form)
            && form.all(CLIENT_ID).size() == 1
            && form.all(CLIENT_SECRET).size() == 1
        ? Optional.of(ClientSecrets.header(form.first(CLIENT_ID), form.first(CLIENT_SECRET)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return "ReceivedForm[" + peer + "]";
  }
}
