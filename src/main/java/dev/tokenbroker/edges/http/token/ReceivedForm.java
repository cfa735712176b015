package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.possession.PresentedKeys;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

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
public record ReceivedForm(
    Buffer body,
    String query,
    String authorization,
    PresentedKeys keys,
    String peer,
    Deadline deadline) {

  /** The name of this edge in records. */
  public static final String EDGE = "http";

  /**
   * The {@code Authorization} header of a request, empty if there is none. Several headers become
   * one with commas, which no scheme accepts: the header may be given once (RFC 9110 section 5.3).
   */
  public static String authorization(HttpServerRequest request) {
    return String.join(", ", request.headers().getAll(HttpHeaders.AUTHORIZATION));
  }

  /**
   * The parameters of a form whose address must have no query, or the refusal {@code
   * REQUEST_INVALID}.
   */
  public Outcome<FormParameters> parameters(Set<String> known) {
    return FormParameters.parseQuery(query, Set.of())
        .then(_ -> FormParameters.parse(body.getBytes(), known));
  }

  /** The caller of an introspection or a revocation. */
  public PresentedCaller caller() {
    return new PresentedCaller(authorization, keys, EDGE, peer, client());
  }

  /** The client as at the token endpoint. A token in the header proves no client. */
  private PresentedClient client() {
    if (!(FormParameters.parse(body.getBytes(), ClientReader.PARAMETERS)
        instanceof Outcome.Accepted<FormParameters>(FormParameters form))) {
      return PresentedCaller.ofHeader(authorization);
    }
    AtomicBoolean misread = new AtomicBoolean();
    String basic = PresentedClient.isBasic(authorization) ? authorization : "";
    PresentedClient client =
        new ClientReader(form, basic, (_, _, _) -> misread.set(true)).client(false);
    boolean once = ClientReader.PARAMETERS.stream().allMatch(name -> form.all(name).size() <= 1);
    return misread.get() || !once ? PresentedCaller.UNREADABLE_CLIENT : client;
  }

  @Override
  public String toString() {
    return "ReceivedForm[" + peer + "]";
  }
}
