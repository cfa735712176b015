package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.issue.signing.OwnIssuer;
import dev.tokenbroker.issue.signing.TokenSettings;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Serves the endpoints of the metadata, and that for AWS' SDKs, under the path of our issuer, if
 * the issuer has a path. For {@code https://host/sub} the token endpoint is at {@code /sub/token}.
 * A proxy that strips the path finds the endpoint at {@code /token}.
 *
 * <p>The broker serves nothing else there, so a proxy that forwards only the issuer's path exposes
 * no metrics.
 */
@Singleton
public final class IssuerPath {

  /** The name under which a routing context holds the path that was received. */
  private static final String RECEIVED = IssuerPath.class.getName();

  /** The name under which a routing context holds the query that was received. */
  private static final String QUERY = RECEIVED + ".query";

  /** A percent-escape of a letter, a digit, or one of {@code -._~}. */
  public static final Pattern ESCAPED_UNRESERVED =
      Pattern.compile("%(2[DEde]|3\\d|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])");

  private final TokenSettings settings;

  IssuerPath(TokenSettings settings) {
    this.settings = settings;
  }

  void register(@Observes Router router) {
    // The start-up checks, which run later, refuse an unusable issuer.
    if (OwnIssuer.isUsable(settings)) {
      String path = of(OwnIssuer.of(settings));
      if (!path.isEmpty()) {
        router
            .routeWithRegex(
                "%s(%s|%s|%s|%s.+|/\\.well-known/[^/]+)"
                    .formatted(
                        Pattern.quote(path),
                        TokenRoute.PATH,
                        LifecycleRoutes.INTROSPECTION_PATH,
                        LifecycleRoutes.REVOCATION_PATH,
                        AwsRoute.PREFIX))
            .handler(call -> withoutPath(call, path.length()));
      }
    }
  }

  private static void withoutPath(RoutingContext call, int chars) {
    call.put(RECEIVED, receivedPath(call));
    call.put(QUERY, receivedQuery(call));
    call.reroute(call.normalizedPath().substring(chars));
  }

  /**
   * Reroutes a request to its path alone if its query has more than a target, and says whether it
   * did. Every endpoint refuses such a query, and an access log must not show a secret in it. The
   * other endpoints than the token endpoint also refuse a target.
   */
  static boolean withoutQuery(RoutingContext call) {
    String query = call.request().query();
    if (query == null || TokenRequestReader.isTarget(query)) {
      return false;
    }
    call.put(RECEIVED, receivedPath(call));
    call.put(QUERY, query);
    call.reroute(call.normalizedPath());
    return true;
  }

  /** The path of a request as received, including the path of our issuer if it was there. */
  static String receivedPath(RoutingContext call) {
    String before = call.get(RECEIVED);
    return before == null ? Objects.requireNonNullElse(call.request().path(), "/") : before;
  }

  /** The query of a request as received, empty if there is none: a rerouted request loses it. */
  static String receivedQuery(RoutingContext call) {
    String before = call.get(QUERY);
    return before == null ? Objects.requireNonNullElse(call.request().query(), "") : before;
  }

  /**
   * The path of an issuer without a trailing slash; empty if the issuer has no path. The path is in
   * the normal form that the router compares (RFC 3986 section 6.2.2).
   */
  static String of(String issuer) {
    String decoded = ESCAPED_UNRESERVED.matcher(issuer).replaceAll(IssuerPath::decode);
    String path = URI.create(decoded).normalize().getRawPath();
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static String decode(MatchResult escape) {
    return String.valueOf((char) Integer.parseInt(escape.group(1), 16));
  }
}
