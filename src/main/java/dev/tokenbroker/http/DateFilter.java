package dev.tokenbroker.http;

import dev.tokenbroker.door.FirstLook;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;

/**
 * Dates every answer (RFC 9110 section 6.6.1) but those of gRPC, which the server below does not do
 * by itself: those who verify our tokens can measure our clock as we measure that of issuers. Safe
 * for use by several event loops.
 */
@Singleton
final class DateFilter implements FirstLook {

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

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.OTHER);
  }

  @Override
  public boolean mayAnswer() {
    return false;
  }

  @Override
  public boolean passes(RoutingContext request) {
    date(request);
    return true;
  }

  /** When the answer begins, which may be long after its request. */
  private void date(RoutingContext request) {
    request.addHeadersEndHandler(_ -> request.response().putHeader(HttpHeaders.DATE, now()));
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
