package dev.tokenbroker.edges.http.guard;

import dev.tokenbroker.edges.http.token.IssuerPath;
import dev.tokenbroker.edges.http.token.RefusalResponse;
import dev.tokenbroker.edges.http.token.TokenAnswer;
import dev.tokenbroker.edges.http.token.TokenError;
import dev.tokenbroker.issue.signing.OwnIssuer;
import dev.tokenbroker.issue.signing.TokenSettings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Refuses requests that the router cannot handle safely. A request must name one host and a path
 * (RFC 9110 section 7.1, RFC 9112 section 3.2). The path must be in normal form, and the target
 * within the limits. The version of HTTP must be known. Without these checks, the router would log
 * a stack trace for each such request, some with the whole query. Any client could fill the log.
 *
 * <p>The limits bound the cost of routing. The router normalises the path of the request again for
 * each route with a path. Each percent-escape moves all characters that follow it.
 */
@Singleton
final class RequestTarget {

  private static final int MAX_CHARS = 4096;
  private static final int MAX_ESCAPES = 256;

  private static final String TOO_LONG =
      "The request target is longer than %d characters or has more than %d percent-escapes."
          .formatted(MAX_CHARS, MAX_ESCAPES);
  private static final String VERSION = "The HTTP port supports HTTP/1.0 and HTTP/1.1 only.";
  private static final String NO_HOST = "The request must have exactly one valid Host header.";

  /** The path of the metadata; the path of the issuer follows it (RFC 8414 section 3.1). */
  private static final String METADATA = "/.well-known/oauth-authorization-server";

  /** Matches empty segments, {@code .} and {@code ..}. */
  private static final Pattern ODD_SEGMENT = Pattern.compile("//|/\\.{1,2}(?=/|$)");

  private static final String NO_PATH = "The request target must have a path.";

  /** The path of our issuer as the settings have it, which may not be in normal form. */
  private final String issuerPath;

  RequestTarget(TokenSettings settings) {
    String path =
        OwnIssuer.isUsable(settings) ? URI.create(OwnIssuer.of(settings)).getRawPath() : "";
    this.issuerPath = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  /** The refusal of a request, which may have failed in the router; empty if it may go on. */
  Optional<TokenAnswer> refusal(RoutingContext call) {
    HttpServerRequest request = call.request();
    if (request.version() == null) { // Vert.x also serves versions that it does not know
      return refused(TokenError.VERSION_NOT_SUPPORTED, VERSION);
    }
    if (isTooLong(request)) {
      return refused(TokenError.TARGET_TOO_LONG, TOO_LONG);
    }
    if (!namesOneHost(call)) {
      return refused(TokenError.INVALID_REQUEST, NO_HOST);
    }
    // The router answers 404 to a path without a leading slash, and logs nothing.
    String path = request.path();
    if (path == null || path.isEmpty()) {
      return refused(TokenError.INVALID_REQUEST, NO_PATH);
    }
    return isNormal(path) ? Optional.empty() : Optional.of(notFound());
  }

  /**
   * Whether the path is in normal form (RFC 3986 section 6.2.2), apart from the path of our issuer.
   * Then a filter in front of the broker and the router see the same path. Otherwise the router
   * would also serve {@code /%71/metrics} and {@code /x/../q/metrics}.
   */
  private boolean isNormal(String path) {
    String rest = path.startsWith(METADATA) ? path.substring(METADATA.length()) : path;
    if (rest.startsWith(issuerPath)) {
      rest = rest.substring(issuerPath.length());
    }
    return !ODD_SEGMENT.matcher(rest).find() && !IssuerPath.ESCAPED_UNRESERVED.matcher(rest).find();
  }

  private static TokenAnswer notFound() {
    return new TokenAnswer(404, Map.of(), Buffer.buffer());
  }

  private static Optional<TokenAnswer> refused(TokenError error, String description) {
    return Optional.of(RefusalResponse.unread(error, description));
  }

  private static boolean isTooLong(HttpServerRequest request) {
    String uri = request.uri();
    return uri != null
        && (uri.length() > MAX_CHARS || uri.chars().filter(c -> c == '%').count() > MAX_ESCAPES);
  }

  /** HTTP/1.0 needs no host. The router has failed any other request without a host. */
  private static boolean namesOneHost(RoutingContext call) {
    HttpServerRequest request = call.request();
    if (request.version() == HttpVersion.HTTP_1_0) {
      return true;
    }
    boolean namesNone = call.failed() && request.authority() == null;
    return !namesNone && request.headers().getAll(HttpHeaders.HOST).size() <= 1;
  }
}
