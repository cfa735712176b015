package dev.tokenbroker.http;

import dev.tokenbroker.door.EventLoops;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;

/** Makes the reply to a request, on the event loop that the request was read on. */
@Singleton
final class TokenReplies {

  private final EventLoops loops;
  private final CallerKeys keys;

  TokenReplies(EventLoops loops, CallerKeys keys) {
    this.loops = loops;
    this.keys = keys;
  }

  TokenReply to(RoutingContext call) {
    return new TokenReply(call, loops.wayBack(), keys);
  }
}
