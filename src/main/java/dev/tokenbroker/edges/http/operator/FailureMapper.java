package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.edges.edge.RefusalText;
import dev.tokenbroker.edges.http.token.ProblemDetails;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Answers a request that failed because of a bug. The log gets the types and places of the
 * exception and an id; the client gets only the id.
 */
@Provider
public final class FailureMapper implements ExceptionMapper<Throwable> {

  private static final Logger LOG = Logger.getLogger(FailureMapper.class);

  @Override
  public Response toResponse(Throwable failure) {
    String id = UUID.randomUUID().toString();
    LOG.error("HTTP request failed, id " + id + ": " + BugReport.of(failure));
    return new ProblemDetails(
            Response.Status.INTERNAL_SERVER_ERROR,
            RefusalText.explained(
                RefusalReason.INTERNAL_ERROR,
                "Report it with the id " + id + ", which is also in the broker's log."))
        .answer();
  }
}
