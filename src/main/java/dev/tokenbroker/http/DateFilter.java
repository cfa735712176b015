package dev.tokenbroker.http;

import dev.tokenbroker.door.GrpcRequest;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Dates every answer (RFC 9110 section 6.6.1) but those of gRPC, which the server below does not do
 * by itself: those who verify our tokens can measure our clock as we measure that of issuers. Safe
 * for use by several event loops.
 */
@Singleton
final class DateFilter {

  private static final int BEFORE_ALL_OTHERS = 1_001;

  private final InstantSource clock;
  private volatile Second last = Second.of(Instant.EPOCH);

  DateFilter(InstantSource clock) {
    this.clock = clock;
  }

  /** A second as it is written, which is the same for all answers within it. */
  private record Second(long epochSecond, String date) {

    static Second of(Instant instant) {
      return new Second(instant.getEpochSecond(), HttpDate.of(instant));
    }
  }

  void register(@Observes Filters filters) {
    filters.register(this::prepare, BEFORE_ALL_OTHERS);
  }

  /** For requests that fail before any filter sees them. */
  void registerForFailures(@Observes Router router) {
    router.route().order(-BEFORE_ALL_OTHERS).failureHandler(this::prepare);
  }

  private void prepare(RoutingContext call) {
    if (!GrpcRequest.is(call.request())) {
      // When the answer begins, which may be long after its request.
      call.addHeadersEndHandler(_ -> call.response().putHeader(HttpHeaders.DATE, now()));
    }
    call.next();
  }

  private String now() {
    Instant now = clock.instant();
    Second second = last;
    if (second.epochSecond() != now.getEpochSecond()) {
      second = Second.of(now);
      last = second;
    }
    return second.date();
  }
}
