package dev.tokenbroker.edges.console;

import dev.tokenbroker.edges.http.operator.OperatorStreams;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;

/** Streams to operators what happens, line by line: {@link LiveStream} says which lines. */
@Path("/live")
public final class LiveResource {

  private final OperatorStreams streams;
  private final LiveStream live;

  LiveResource(OperatorStreams streams, LiveStream live) {
    this.streams = streams;
    this.live = live;
  }

  /** The stream; 401 if the caller is no operator, 429 for a stream too many. */
  @GET
  @RunOnVirtualThread
  public Response live(@Context HttpServerRequest request, @Context RoutingContext call) {
    return streams.open(request, call, live);
  }
}
