package dev.tokenbroker.http;

import dev.tokenbroker.rehearsal.candidate.FederationRollout;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;

/** Serves the candidate, the revisions, and the difference of two, to operators only. */
@Path("/")
public final class CandidateResource {

  private final FederationRollout rollout;
  private final OperatorRequests requests;

  CandidateResource(FederationRollout rollout, OperatorRequests requests) {
    this.rollout = rollout;
    this.requests = requests;
  }

  /** The candidate and what it would change; 401 if the caller is no operator. */
  @GET
  @Path("candidate")
  @RunOnVirtualThread
  public Response candidate(@Context HttpServerRequest request) {
    return requests.answer(
        request,
        rollout.candidate(requests.caller(request)),
        report -> OperatorRequests.json(OperationsJson.candidate(report)));
  }

  /** The revision in force and the kept ones; 401 if the caller is no operator. */
  @GET
  @Path(RolloutRoutes.PATH)
  @RunOnVirtualThread
  public Response rollout(@Context HttpServerRequest request) {
    return requests.answer(
        request,
        rollout.status(requests.caller(request)),
        status -> OperatorRequests.json(OperationsJson.rollout(status)));
  }

  /** The difference of two revisions; 401 if the caller is no operator. */
  @GET
  @Path(RolloutRoutes.PATH + "/diff")
  @RunOnVirtualThread
  public Response diff(
      @QueryParam("from") @DefaultValue("") String from,
      @QueryParam("to") @DefaultValue("") String to,
      @Context HttpServerRequest request) {
    return requests.answer(
        request,
        rollout.diff(requests.caller(request), from, to),
        diff -> OperatorRequests.json(OperationsJson.diff(diff)));
  }
}
