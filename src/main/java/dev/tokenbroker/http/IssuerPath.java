package dev.tokenbroker.http;

import dev.tokenbroker.token.OwnIssuer;
import dev.tokenbroker.token.TokenSettings;
import io.vertx.core.http.impl.HttpUtils;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Serves what the metadata names under the issuer's own path, where it has one: {@code
 * https://host/sub} has its token endpoint at {@code /sub/token}. A proxy that takes the path away
 * finds the same at {@code /token}.
 *
 * <p>Nothing else is served there: who lets only the issuer's path through lets no meters through.
 */
@Singleton
final class IssuerPath {

  private static final String RECEIVED = IssuerPath.class.getName();

  private final TokenSettings settings;

  IssuerPath(TokenSettings settings) {
    this.settings = settings;
  }

  void register(@Observes Router router) {
    // A start with an unusable issuer is refused a moment later.
    if (OwnIssuer.isUsable(settings)) {
      String path = of(OwnIssuer.of(settings));
      if (!path.isEmpty()) {
        router
            .routeWithRegex(
                "%s(%s|%s|%s|/\\.well-known/[^/]+)"
                    .formatted(
                        Pattern.quote(path),
                        TokenRoute.PATH,
                        LifecycleRoutes.INTROSPECTION_PATH,
                        LifecycleRoutes.REVOCATION_PATH))
            .handler(call -> withoutPath(call, path.length()));
      }
    }
  }

  private static void withoutPath(RoutingContext call, int chars) {
    call.put(RECEIVED, receivedPath(call));
    call.reroute(call.normalizedPath().substring(chars));
  }

  /** The path of a request as it was received, with that of our issuer where it had it. */
  static String receivedPath(RoutingContext call) {
    String before = call.get(RECEIVED);
    return before == null ? Objects.requireNonNullElse(call.request().path(), "/") : before;
  }

  /**
   * The path of an issuer without its last slash, in the normal form in which paths are compared
   * here (RFC 3986 section 6.2.2); empty where it has none.
   */
  static String of(String issuer) {
    String path = HttpUtils.normalizePath(URI.create(issuer).getRawPath());
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
