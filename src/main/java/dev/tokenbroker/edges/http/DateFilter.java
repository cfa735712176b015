package dev.tokenbroker.edges.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
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
 * Adds a {@code Date} header to every response (RFC 9110 section 6.6.1), because Vert.x adds none.
 * Verifiers of our tokens can measure our clock by it, as the broker measures the clocks of
 * issuers.
 */
@Singleton
final class DateFilter {

  private static final int PRIORITY = RequestFraming.PRIORITY + 1;

  /** IMF-fixdate, with two digits for the day (RFC 9110 section 5.6.7). */
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private final InstantSource clock;

  DateFilter(InstantSource clock) {
    this.clock = clock;
  }

  void register(@Observes Filters filters) {
    filters.register(this::addDate, PRIORITY);
  }

  /** Covers requests that the router fails before any filter runs. */
  void registerForFailures(@Observes Router router) {
    router.route().order(-PRIORITY).failureHandler(this::addDate);
  }

  /** Sets the date when Vert.x writes the headers, which may be long after the request arrived. */
  private void addDate(RoutingContext call) {
    call.addHeadersEndHandler(
        _ -> call.response().putHeader(HttpHeaders.DATE, FORMAT.format(clock.instant())));
    call.next();
  }
}
