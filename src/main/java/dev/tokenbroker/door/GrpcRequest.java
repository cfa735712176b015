package dev.tokenbroker.door;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** Tells the calls of gRPC from all else that comes through the one port. */
public final class GrpcRequest {

  /** Of the answers to calls, too. */
  public static final String CONTENT_TYPE = "application/grpc";

  private GrpcRequest() {}

  /** Whether it is a call: by its media type, whose case does not count, and over HTTP/2 only. */
  public static boolean is(HttpServerRequest request) {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null
        && type.regionMatches(true, 0, CONTENT_TYPE, 0, CONTENT_TYPE.length())
        && request.version() == HttpVersion.HTTP_2;
  }

  /**
   * What the call is to HTTP whose headers are being read on this thread; empty where none are. The
   * server below forgets it before the call is made.
   */
  public static Optional<RoutingContext> current() {
    Context context = Vertx.currentContext();
    return context != null
            && context.getLocal(RoutingContext.class.getName()) instanceof RoutingContext http
        ? Optional.of(http)
        : Optional.empty();
  }
}
