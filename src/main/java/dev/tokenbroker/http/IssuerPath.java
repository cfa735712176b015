package dev.tokenbroker.http;

import dev.tokenbroker.token.OwnIssuer;
import dev.tokenbroker.token.TokenSettings;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
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
            .handler(call -> call.reroute(call.normalizedPath().substring(path.length())));
      }
    }
  }

  /** The path of an issuer without its last slash, as it is written; empty where it has none. */
  static String of(String issuer) {
    String path = URI.create(issuer).getRawPath();
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
