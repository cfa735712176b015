package dev.tokenbroker.http;

import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.door.GrpcRequest;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Sends away who announces a body that is too large for anything here, before the framework does:
 * over HTTP/2 its answer has a header that is not allowed there (RFC 9113 section 8.2.2), which
 * costs the client its connection and all that is under way on it. Calls of gRPC are bounded
 * message by message.
 */
@Singleton
final class AnnouncedBodies {

  /** After those that prepare connections and gRPC. */
  private static final int ORDER = 998;

  private final EventLoops loops;
  private final CallerKeys keys;

  AnnouncedBodies(EventLoops loops, CallerKeys keys) {
    this.loops = loops;
    this.keys = keys;
  }

  void register(@Observes Filters filters) {
    filters.register(this::take, ORDER);
  }

  private void take(RoutingContext call) {
    HttpServerRequest request = call.request();
    if (RequestBodies.isTooLarge(request) && !GrpcRequest.is(request)) {
      new TokenReply(request, loops.wayBack(), keys).early(RequestBodies.tooLarge());
    } else {
      call.next();
    }
  }
}
