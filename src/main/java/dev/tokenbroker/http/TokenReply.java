package dev.tokenbroker.http;

import dev.tokenbroker.door.RequestPresence;
import dev.tokenbroker.door.WayBack;
import dev.tokenbroker.exchange.BugReport;
import dev.tokenbroker.exchange.Home;
import dev.tokenbroker.outcome.RefusalReason;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The way back to one request: answers are found on any thread and written on the event loop that
 * the request belongs to, once. Made on that loop.
 */
final class TokenReply {

  private static final Logger log = Logger.getLogger(TokenReply.class);
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final RoutingContext call;
  private final HttpServerRequest request;
  private final WayBack back;
  private final CallerKeys keys;

  TokenReply(RoutingContext call, WayBack back, CallerKeys keys) {
    this.call = call;
    this.request = call.request();
    this.back = back;
    this.keys = keys;
  }

  /** The event loop of this request, and its context. */
  Home home() {
    return back.home(new RequestPresence(call));
  }

  /** Answers. What is thrown in finding the answer is a bug. */
  void with(Supplier<TokenAnswer> answer) {
    with(answer, () -> {});
  }

  /**
   * Answers.
   *
   * @param answered is run on the event loop once it has
   */
  void with(Supplier<TokenAnswer> answer, Runnable answered) {
    TokenAnswer made;
    try {
      made = answer.get();
    } catch (RuntimeException | Error bug) {
      made = failed(bug);
    }
    TokenAnswer found = made;
    back.onLoop(
        () -> {
          try {
            Future<Void> _ = send(found);
          } finally {
            answered.run();
          }
        });
  }

  /** Finds the answer on this thread, which may wait, for the sake of the call: in its trace. */
  void offLoop(Supplier<TokenAnswer> answer, Runnable answered) {
    back.inContext(() -> with(answer, answered));
  }

  /**
   * Answers before the body has arrived. What still comes is thrown away: over HTTP/2 with its
   * stream, which ends with the answer; else for a moment, as a client whose connection is closed
   * while it sends never reads the answer.
   */
  void early(TokenAnswer answer) {
    if (request.version() == HttpVersion.HTTP_2) {
      Future<Void> _ = send(answer);
      return;
    }
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    Future<Void> _ = send(answer);
    if (request.isEnded()) {
      hangUp();
    } else {
      request.handler(_ -> {});
      request.endHandler(_ -> hangUp());
      request.resume();
      back.after(LINGER, this::hangUp);
    }
  }

  private void hangUp() {
    Future<Void> _ = request.connection().close();
  }

  // Evaluations end in values whatever happens inside; this is for what lies around them. No
  // message: it might quote.
  void broken(Throwable bug) {
    TokenAnswer answer = failed(bug);
    back.onLoop(() -> send(answer));
  }

  private static TokenAnswer failed(Throwable bug) {
    log.errorf("A request ended in a bug: %s", BugReport.of(bug));
    return RefusalResponse.unread(
        TokenError.SERVER_ERROR,
        RefusalReason.INTERNAL_ERROR,
        RefusalReason.INTERNAL_ERROR.meaning());
  }

  private Future<Void> send(TokenAnswer answer) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      return Future.succeededFuture(); // Who has gone away needs no answer.
    }
    response
        .setStatusCode(answer.status())
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("Pragma", "no-cache");
    if (answer.body().length() > 0) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    }
    answer.headers().forEach(response::putHeader);
    keys.nonceFor(request).ifPresent(nonce -> response.putHeader(CallerKeys.NONCE, nonce));
    if (request.method().equals(HttpMethod.HEAD)) {
      // Over HTTP/2 the server below would send content all the same.
      String length = Integer.toString(answer.body().length());
      return response.putHeader(HttpHeaders.CONTENT_LENGTH, length).end();
    }
    return response.end(answer.body());
  }
}
