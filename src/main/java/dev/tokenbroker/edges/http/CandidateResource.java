package dev.tokenbroker.edges.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.tokenbroker.operate.candidate.CandidateReport;
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

  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().preservingProtoFieldNames().alwaysPrintFieldsWithNoPresence();

  private final Comparison comparison;
  private final OperatorRequests requests;

  CandidateResource(Comparison comparison, OperatorRequests requests) {
    this.comparison = comparison;
    this.requests = requests;
  }

  /** The candidate, as the message {@code Candidate}; 401 if the caller is no operator. */
  @GET
  @RunOnVirtualThread
  public Response candidate(@Context HttpServerRequest request) {
    return requests.toOperator(request, () -> OperatorRequests.json(json(comparison.report())));
  }

  private static String json(CandidateReport report) {
    try {
      return JSON.print(CandidateMessages.of(report));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a report that has no JSON", e); // only an Any has none
    }
  }
}
