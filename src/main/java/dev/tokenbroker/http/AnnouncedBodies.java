package dev.tokenbroker.http;

import dev.tokenbroker.door.FirstLook;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Set;

/**
 * Sends away who announces a body that is too large for anything here, before the framework does:
 * over HTTP/2 its answer has a header that is not allowed there (RFC 9113 section 8.2.2), which
 * costs the client its connection and all that is under way on it. Calls of gRPC are bounded
 * message by message.
 */
@Singleton
final class AnnouncedBodies implements FirstLook {

  private final RequestBodies bodies;
  private final TokenReplies replies;

  AnnouncedBodies(RequestBodies bodies, TokenReplies replies) {
    this.bodies = bodies;
    this.replies = replies;
  }

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.OTHER);
  }

  @Override
  public boolean mayAnswer() {
    return true;
  }

  @Override
  public boolean passes(RoutingContext call) {
    HttpServerRequest request = call.request();
    if (bodies.isTooLarge(request)) {
      replies.to(call).early(bodies.tooLarge());
      return false;
    }
    return true;
  }
}
