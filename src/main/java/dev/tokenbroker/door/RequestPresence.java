package dev.tokenbroker.door;

import dev.tokenbroker.exchange.Presence;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * Whether who sent a request is still there: its stream, or its connection, is not closed. Made on
 * the event loop of the request.
 */
public final class RequestPresence implements Presence {

  private final RoutingContext request;
  private final Thread home = Thread.currentThread();
  private volatile boolean over;

  public RequestPresence(RoutingContext request) {
    this.request = request;
  }

  // Elsewhere the connection, which is locked to be asked, may be at work at home.
  @Override
  public boolean hasGone() {
    return Thread.currentThread() == home ? request.response().closed() : over;
  }

  @Override
  public void whenOver(Runnable action) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      over(action); // nobody would be told any more
    } else {
      request.addEndHandler(_ -> over(action));
    }
  }

  private void over(Runnable action) {
    over = true;
    action.run();
  }
}
