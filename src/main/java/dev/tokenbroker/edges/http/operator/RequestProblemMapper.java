package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.edges.http.token.ProblemDetails;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/**
 * Answers a request that Quarkus REST refuses: unknown path, wrong method, wrong media type. For a
 * wrong method Quarkus does not name the supported methods (RFC 9110 section 15.5.6). This class
 * names them; all resources are read-only.
 */
@Provider
public final class RequestProblemMapper implements ExceptionMapper<WebApplicationException> {

  private static final int WRONG_METHOD = Response.Status.METHOD_NOT_ALLOWED.getStatusCode();
  private static final String METHODS = "GET, HEAD, OPTIONS";

  @Override
  public Response toResponse(WebApplicationException exception) {
    Response refused = exception.getResponse();
    if (refused.getStatus() < 400) {
      return refused;
    }
    Response answer =
        new ProblemDetails(
                refused.getStatusInfo(), "See the API in the documentation of Token Broker.")
            .answer();
    String allow = refused.getHeaderString(HttpHeaders.ALLOW);
    if (allow == null && refused.getStatus() == WRONG_METHOD) {
      allow = METHODS;
    }
    return allow == null
        ? answer
        : Response.fromResponse(answer).header(HttpHeaders.ALLOW, allow).build();
  }
}
