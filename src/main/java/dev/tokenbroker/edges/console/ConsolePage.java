package dev.tokenbroker.edges.console;

import dev.tokenbroker.edges.http.token.RequestOrigin;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Objects;

/**
 * Serves the files of the page. They are open to everybody, since they hold nothing: the page gets
 * all data by requests of its own, which need an operator's token. So that nobody types a token
 * into a page that came in clear, the broker does not serve it there.
 */
@Singleton
final class ConsolePage {

  static final String PATH = "/console";

  private static final String FILE = "file";

  /** What a browser may do with the page: load its own files, and nothing else. */
  static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
              + " connect-src 'self'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'; require-trusted-types-for 'script';"
              + " trusted-types 'none'",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cache-Control",
          "no-cache");

  private static final String IN_CLEAR =
      "The console needs https, or plain http on loopback. If a proxy ends TLS, set"
          + " quarkus.http.proxy.proxy-address-forwarding=true and"
          + " quarkus.http.proxy.trusted-proxies, and let the proxy send X-Forwarded-Proto.\n";

  private final Map<String, PageFile> files = PageFile.all();

  void register(@Observes Router router) {
    for (HttpMethod method : new HttpMethod[] {HttpMethod.GET, HttpMethod.HEAD}) {
      router.route(method, PATH + "*").handler(ConsolePage::refuseInClear);
      router.route(method, PATH).handler(this::page);
      router
          .route(method, PATH + "/:" + FILE)
          .handler(call -> file(call, Objects.toString(call.pathParam(FILE))));
    }
  }

  private static void refuseInClear(RoutingContext call) {
    if (RequestOrigin.isInClear(call.request())) {
      response(call).setStatusCode(403).putHeader(HttpHeaders.CONTENT_TYPE, "text/plain");
      call.response().end(IN_CLEAR);
    } else {
      call.next();
    }
  }

  /** The addresses in the page are relative, so its own address must end in a slash. */
  private void page(RoutingContext call) {
    if (call.normalizedPath().endsWith("/")) {
      file(call, PageFile.INDEX);
    } else {
      HttpServerResponse response = response(call).setStatusCode(308);
      // Relative, since a proxy may serve the broker below a path of its own.
      response.putHeader(HttpHeaders.LOCATION, "console/").end();
    }
  }

  private void file(RoutingContext call, String name) {
    PageFile file = files.get(name);
    if (file == null) {
      response(call).setStatusCode(404).end();
    } else {
      response(call).putHeader(HttpHeaders.CONTENT_TYPE, file.mediaType());
      call.response().end(Buffer.buffer(file.bytes()));
    }
  }

  private static HttpServerResponse response(RoutingContext call) {
    HttpServerResponse response = call.response();
    HEADERS.forEach(response::putHeader);
    return response;
  }
}
