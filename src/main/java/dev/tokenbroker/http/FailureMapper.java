package dev.tokenbroker.http;

import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.util.UUID;

/** Answers bugs: the log gets the exception, the client the number under which it stands there. */
@Provider
public final class FailureMapper implements ExceptionMapper<Throwable> {

  private static final System.Logger LOG = System.getLogger(FailureMapper.class.getName());

  @Override
  public Response toResponse(Throwable failure) {
    String id = UUID.randomUUID().toString();
    LOG.log(System.Logger.Level.ERROR, "HTTP request failed, id " + id, failure);
    return new Problem(
            Response.Status.INTERNAL_SERVER_ERROR,
            "The broker failed. Report it with the id " + id + ", under which the log has it.")
        .answer();
  }
}
