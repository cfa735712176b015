package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.edges.edge.VerdictJson;
import dev.tokenbroker.edges.http.token.ProblemDetails;
import dev.tokenbroker.evaluate.exchange.Verdicts;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.revocation.OperatorAccess;
import dev.tokenbroker.operate.changes.ChangeNotes;
import dev.tokenbroker.operate.changes.Outages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.faulttolerance.Bulkhead;

/**
 * Serves the whole verdict with an id, to operators only. No other caller learns whether an id
 * exists. The class is not final, because the container extends it for the bulkhead.
 */
@Path("/verdicts")
public class VerdictResource {

  private final Verdicts verdicts;
  private final OperatorAccess operators;
  private final OperatorRequests requests;
  private final ChangeNotes changes;
  private final Outages outages;

  VerdictResource(
      Verdicts verdicts,
      OperatorAccess operators,
      OperatorRequests requests,
      ChangeNotes changes,
      Outages outages) {
    this.verdicts = verdicts;
    this.operators = operators;
    this.requests = requests;
    this.changes = changes;
    this.outages = outages;
  }

  /**
   * The verdict as JSON; 401 if the caller is no operator (RFC 6750 section 3), 404 if the verdict
   * is not stored. The bulkhead bounds the proofs that unknown callers can make the broker verify.
   */
  @GET
  @Path("{id}")
  @RunOnVirtualThread
  @Bulkhead(16)
  public Response verdict(@PathParam("id") String id, @Context HttpServerRequest request) {
    Outcome<Optional<Verdict>> outcome =
        operators
            .refusal(requests.caller(request))
            .map(Outcome::<Optional<Verdict>>refused)
            .orElseGet(() -> Outcome.accepted(verdicts.find(id)));
    return requests.answer(
        request,
        outcome,
        verdict ->
            verdict
                .map(changes::added)
                .map(this::found)
                .orElseGet(
                    () ->
                        new ProblemDetails(Response.Status.NOT_FOUND, verdicts.absence(id))
                            .answer()));
  }

  /** With the outage that the refusal is part of, and the failure that it follows from. */
  private Response found(Verdict verdict) {
    JsonObject json = VerdictJson.of(verdict);
    outages.of(verdict).ifPresent(outage -> json.put("outage", outage.members()));
    outages.causeOf(verdict).ifPresent(cause -> json.put("last_failure", cause.members()));
    return OperatorRequests.json(json.encodePrettily());
  }
}
