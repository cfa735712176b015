package dev.tokenbroker.http;

import dev.tokenbroker.outcome.RefusalReason;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Refuses requests that do not name one host and a path (RFC 9110 section 7.1, RFC 9112 section
 * 3.2), whose target is too long or its path not in normal form, or whose version of HTTP is
 * unknown. Without it, the router would log a stack trace for each, some with the whole query, so
 * anybody could fill the log.
 *
 * <p>The limits bound the cost of routing: each route with a path makes the router normalise the
 * path of the request, and each percent-escape moves all characters that follow it.
 */
@Singleton
final class RequestTarget {

  /** Before the filters of Quarkus. */
  static final int PRIORITY = 1_000;

  private static final int MAX_CHARS = 4096;
  private static final int MAX_ESCAPES = 256;

  private static final TokenAnswer NOT_FOUND = new TokenAnswer(404, Map.of(), Buffer.buffer());

  private static final String TOO_LONG =
      "The request target is longer than %d characters or has more than %d percent-escapes."
          .formatted(MAX_CHARS, MAX_ESCAPES);
  private static final String VERSION = "The broker speaks HTTP/1.0 and HTTP/1.1 here.";
  private static final String NO_HOST = "The request must have exactly one valid Host header.";

  /** Empty segments, {@code .} and {@code ..}. */
  private static final Pattern ODD_SEGMENT = Pattern.compile("//|/\\.{1,2}(?=/|$)");

  private static final String NO_PATH = "The request target must have a path.";

  void register(@Observes Filters filters) {
    filters.register(RequestTarget::check, PRIORITY);
  }

  /** For requests that the router fails before any filter. */
  void registerForFailures(@Observes Router router) {
    router.route().order(-PRIORITY).failureHandler(RequestTarget::check);
  }

  private static void check(RoutingContext call) {
    refusal(call).ifPresentOrElse(refused -> refused.sendLast(call), call::next);
  }

  private static Optional<TokenAnswer> refusal(RoutingContext call) {
    HttpServerRequest request = call.request();
    if (request.version() == null) { // that Vert.x does not know, and serves all the same
      return refused(TokenError.VERSION_NOT_SUPPORTED, VERSION);
    }
    if (isTooLong(request)) {
      return refused(TokenError.TARGET_TOO_LONG, TOO_LONG);
    }
    if (!namesOneHost(call)) {
      return refused(TokenError.INVALID_REQUEST, NO_HOST);
    }
    // A path without a leading slash gets 404, which leaves nothing in the log.
    String path = request.path();
    if (path == null || path.isEmpty()) {
      return refused(TokenError.INVALID_REQUEST, NO_PATH);
    }
    return isNormal(path) ? Optional.empty() : Optional.of(NOT_FOUND);
  }

  /**
   * Whether a filter in front of the broker and the router see the same path (RFC 3986 section
   * 6.2.2). The router would serve {@code /%71/metrics} and {@code /x/../q/metrics}, too.
   */
  private static boolean isNormal(String path) {
    return !ODD_SEGMENT.matcher(path).find() && !IssuerPath.ESCAPED_UNRESERVED.matcher(path).find();
  }

  private static Optional<TokenAnswer> refused(TokenError error, String description) {
    return Optional.of(RefusalResponse.unread(error, RefusalReason.REQUEST_INVALID, description));
  }

  private static boolean isTooLong(HttpServerRequest request) {
    String uri = request.uri();
    return uri != null
        && (uri.length() > MAX_CHARS || uri.chars().filter(c -> c == '%').count() > MAX_ESCAPES);
  }

  /** HTTP/1.0 needs no host. The router has failed any other request without one. */
  private static boolean namesOneHost(RoutingContext call) {
    HttpServerRequest request = call.request();
    if (request.version() == HttpVersion.HTTP_1_0) {
      return true;
    }
    boolean namesNone = call.failed() && request.authority() == null;
    return !namesNone && request.headers().getAll(HttpHeaders.HOST).size() <= 1;
  }
}
