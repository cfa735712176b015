package dev.tokenbroker.http;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** Answers what the framework refuses: no such path, wrong method, wrong media type. */
@Provider
public final class RequestProblemMapper implements ExceptionMapper<WebApplicationException> {

  @Override
  public Response toResponse(WebApplicationException exception) {
    Response refused = exception.getResponse();
    if (refused.getStatus() < 400) {
      return refused;
    }
    Response answer =
        new Problem(refused.getStatusInfo(), "See the API in the documentation of Token Broker.")
            .answer();
    String allow = refused.getHeaderString(HttpHeaders.ALLOW);
    return allow == null
        ? answer
        : Response.fromResponse(answer).header(HttpHeaders.ALLOW, allow).build();
  }
}
