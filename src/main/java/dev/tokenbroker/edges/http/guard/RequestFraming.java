package dev.tokenbroker.edges.http.guard;

import dev.tokenbroker.edges.http.token.RefusalResponse;
import dev.tokenbroker.edges.http.token.TokenAnswer;
import dev.tokenbroker.edges.http.token.TokenError;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Refuses requests whose {@code Transfer-Encoding} does not say where the body ends (RFC 9112
 * sections 6.1, 6.3). The filter handles no later request of a connection that has to close (RFC
 * 9112 section 9.6). The filter also refuses what {@link RequestTarget} does.
 *
 * <p>Netty reads such a body as the next request. A proxy may read it as a body, and so forward a
 * request that the proxy has never seen (request smuggling).
 */
@Singleton
final class RequestFraming {

  /** Before the filters of Quarkus, and after {@link CommonHeaders}, so that refusals have them. */
  static final int PRIORITY = 1_000;

  private static final String TRANSFER_ENCODING = "Transfer-Encoding";
  private static final String CONNECTION = "Connection";
  private static final String CHUNKED = "chunked";

  private static final String UNCLEAR_END =
      "Transfer-Encoding must be chunked, and only in HTTP/1.1; the connection is closed.";
  private static final String NAMELESS = "A header has no name; the connection is closed.";
  private static final String OTHER_CODING =
      "The only supported transfer coding is chunked; the connection is closed.";

  /** Connections that accept no more requests. The set stays small, since each closes soon. */
  private final Set<HttpConnection> ending =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private final RequestTarget target;

  RequestFraming(RequestTarget target) {
    this.target = target;
  }

  void register(@Observes Filters filters) {
    filters.register(this::check, PRIORITY);
  }

  /** Covers requests that the router fails before any filter runs. */
  void registerForFailures(@Observes Router router) {
    router.route().order(-PRIORITY).failureHandler(this::check);
  }

  private void check(RoutingContext call) {
    HttpServerRequest request = call.request();
    if (!ending.isEmpty() && ending.contains(request.connection())) {
      request.connection().close();
      return;
    }
    Optional<TokenAnswer> refused = refusal(request);
    if (refused.isPresent() || asksToClose(request)) {
      ending.add(request.connection());
    }
    refused
        .or(() -> target.refusal(call))
        .ifPresentOrElse(answer -> answer.sendLast(call), call::next);
  }

  private static Optional<TokenAnswer> refusal(HttpServerRequest request) {
    if (request.headers().contains("")) {
      return refused(TokenError.INVALID_REQUEST, NAMELESS);
    }
    List<String> codings = values(request, TRANSFER_ENCODING);
    if (codings.isEmpty()) {
      return Optional.empty();
    }
    boolean endsChunked =
        request.version() == HttpVersion.HTTP_1_1
            && codings.getLast().equalsIgnoreCase(CHUNKED)
            && codings.stream().filter(CHUNKED::equalsIgnoreCase).count() == 1;
    if (!endsChunked) {
      return refused(TokenError.INVALID_REQUEST, UNCLEAR_END);
    }
    return codings.size() > 1
        ? refused(TokenError.CODING_NOT_SUPPORTED, OTHER_CODING)
        : Optional.empty();
  }

  private static boolean asksToClose(HttpServerRequest request) {
    return values(request, CONNECTION).stream().anyMatch("close"::equalsIgnoreCase);
  }

  /** The elements of a header that is a list (RFC 9110 section 5.6.1). */
  private static List<String> values(HttpServerRequest request, String header) {
    List<String> lines = request.headers().getAll(header);
    return lines.isEmpty()
        ? List.of()
        : lines.stream()
            .flatMap(line -> Arrays.stream(line.split(",", -1)))
            .map(String::strip)
            .toList();
  }

  private static Optional<TokenAnswer> refused(TokenError error, String description) {
    return Optional.of(RefusalResponse.unread(error, description));
  }
}
