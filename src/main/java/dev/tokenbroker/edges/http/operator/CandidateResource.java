package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.operate.candidate.Comparison;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;

/** Serves the candidate and what it would change, to operators only. */
@Path("/candidate")
public final class CandidateResource {

  private final Comparison comparison;
  private final OperatorRequests requests;

  CandidateResource(Comparison comparison, OperatorRequests requests) {
    this.comparison = comparison;
    this.requests = requests;
  }

  /** The candidate; 401 if the caller is no operator. */
  @GET
  @RunOnVirtualThread
  public Response candidate(@Context HttpServerRequest request) {
    return requests.toOperator(
        request,
        () -> OperatorRequests.json(CandidateMembers.of(comparison.report()).encodePrettily()));
  }
}
