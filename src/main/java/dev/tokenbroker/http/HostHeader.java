package dev.tokenbroker.http;

import dev.tokenbroker.door.FirstLook;
import dev.tokenbroker.outcome.RefusalReason;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Set;

/**
 * Sends away requests of HTTP/1.1 that do not name one host (RFC 9112 section 3.2). Those that name
 * none the router below fails before any filter sees them, and its answer is a line and a stack
 * trace in the log for each, which anybody could fill it with.
 */
@Singleton
final class HostHeader implements FirstLook {

  /** After the date of the answer. */
  private static final int ORDER = 998;

  private static final int BAD_REQUEST = 400;

  private final TokenReplies replies;

  HostHeader(TokenReplies replies) {
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

  void registerForFailures(@Observes Router router) {
    router.route().order(-ORDER).failureHandler(this::takeFailed);
  }

  @Override
  public boolean passes(RoutingContext call) {
    HttpServerRequest request = call.request();
    if (request.version() == HttpVersion.HTTP_1_1
        && request.headers().getAll(HttpHeaders.HOST).size() > 1) {
      refuse(call);
      return false;
    }
    return true;
  }

  private void takeFailed(RoutingContext call) {
    HttpServerRequest request = call.request();
    if (request.version() == HttpVersion.HTTP_1_1
        && request.authority() == null
        && call.statusCode() == BAD_REQUEST) {
      refuse(call);
    } else {
      call.next();
    }
  }

  private void refuse(RoutingContext call) {
    replies
        .to(call)
        .early(
            RefusalResponse.unread(
                TokenError.INVALID_REQUEST,
                RefusalReason.REQUEST_INVALID,
                "Name one host, in one header Host."));
  }
}
