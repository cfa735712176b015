package dev.tokenbroker.edges.http.guard;

import dev.tokenbroker.edges.http.token.RequestOrigin;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Adds headers to every response. {@code Date} (RFC 9110 section 6.6.1), which Vert.x does not add,
 * lets verifiers of our tokens measure our clock, as the broker measures the clocks of issuers.
 * {@code Strict-Transport-Security} (RFC 6797) goes out where the broker itself ends TLS.
 */
@Singleton
final class CommonHeaders {

  private static final int PRIORITY = RequestFraming.PRIORITY + 1;

  /** IMF-fixdate, with two digits for the day (RFC 9110 section 5.6.7). */
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private final InstantSource clock;

  CommonHeaders(InstantSource clock) {
    this.clock = clock;
  }

  void register(@Observes Filters filters) {
    filters.register(this::add, PRIORITY);
  }

  /** Covers requests that the router fails before any filter runs. */
  void registerForFailures(@Observes Router router) {
    router.route().order(-PRIORITY).failureHandler(this::add);
  }

  /** Sets the date when Vert.x writes the headers, which may be long after the request arrived. */
  private void add(RoutingContext call) {
    call.addHeadersEndHandler(
        _ -> {
          HttpServerResponse response = call.response();
          response.putHeader(HttpHeaders.DATE, FORMAT.format(clock.instant()));
          response.putHeader("X-Content-Type-Options", "nosniff");
          // A browser would hold it for every port of the machine.
          if (call.request().connection().isSsl()
              && !RequestOrigin.namesThisMachine(call.request())
              && !response.headers().contains("Strict-Transport-Security")) {
            response.putHeader("Strict-Transport-Security", "max-age=31536000"); // a year
          }
        });
    call.next();
  }
}
