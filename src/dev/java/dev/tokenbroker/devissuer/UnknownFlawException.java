package dev.tokenbroker.devissuer;

import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Ends a request for an unknown flaw: 400, and the list of known ones. */
final class UnknownFlawException extends BadRequestException {

  private static final long serialVersionUID = 1;

  UnknownFlawException() {
    super(
        Response.status(Response.Status.BAD_REQUEST)
            .type(MediaType.TEXT_PLAIN_TYPE.withCharset("UTF-8"))
            .entity("There is no such flaw. Those that there are:\n" + Flaw.list())
            .build());
  }
}
