package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.edge.RefusalText;
import dev.tokenbroker.edges.http.token.ProblemDetails;
import dev.tokenbroker.edges.http.token.RefusalResponse;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;

/** Answers a request that a bulkhead rejected, with 503 and {@code Retry-After}. */
@Provider
public final class OverloadMapper implements ExceptionMapper<BulkheadException> {

  @Override
  public Response toResponse(BulkheadException full) {
    RefusalReason overloaded = RefusalReason.BROKER_OVERLOADED;
    return new ProblemDetails(
            Response.Status.SERVICE_UNAVAILABLE,
            RefusalText.of(overloaded),
            RefusalResponse.headers(Refusal.of(overloaded)),
            overloaded.name())
        .answer();
  }
}
