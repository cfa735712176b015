package dev.tokenbroker.http;

import dev.tokenbroker.door.CallsOffLoop;
import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.outcome.RefusalReason;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets so many requests at a time go to the framework's workers, before which they would wait in
 * any number: for meters, and for verdicts, which anybody may ask for, and so keeps no scrape out.
 * Checks of health, which have those workers, too, are let through whatever the others do.
 */
@Singleton
final class WorkerRoutes {

  /** After the first looks, before the routes themselves. */
  private static final int ORDER = -990;

  private final CallsOffLoop calls;
  private final TokenReplies replies;
  private final Vertx vertx;

  WorkerRoutes(CallsOffLoop calls, TokenReplies replies, Vertx vertx) {
    this.calls = calls;
    this.replies = replies;
    this.vertx = vertx;
  }

  void register(@Observes Router router) {
    router.route("/q/metrics*").order(ORDER).handler(call -> take(Kind.METERS, call));
    // Not only "/verdicts/*": resources are matched without what follows a semicolon.
    router.route("/verdicts*").order(ORDER).handler(call -> take(Kind.VERDICT, call));
  }

  private void take(Kind kind, RoutingContext call) {
    if (calls.enter(kind)) {
      // A client of HTTP/2 that goes as it is answered ends it on two threads, perhaps on both.
      AtomicBoolean hasEnded = new AtomicBoolean();
      call.addEndHandler(
          _ -> {
            if (!hasEnded.getAndSet(true)) {
              leaveOnceReached(kind);
            }
          });
      call.next();
    } else {
      replies
          .to(call)
          .early(
              RefusalResponse.unread(
                  TokenError.UNAVAILABLE,
                  RefusalReason.BROKER_OVERLOADED,
                  RefusalReason.BROKER_OVERLOADED.meaning()));
    }
  }

  /**
   * One whose client has gone still waits for its worker. Those come in order: when it is the turn
   * of what is handed to them now, it no longer does.
   */
  private void leaveOnceReached(Kind kind) {
    var _ = vertx.executeBlocking(() -> true, false).onComplete(_ -> calls.leave(kind));
  }
}
