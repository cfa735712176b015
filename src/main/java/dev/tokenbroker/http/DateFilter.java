package dev.tokenbroker.http;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.time.InstantSource;

/**
 * Dates every answer (RFC 9110 section 6.6.1), which the server below does not do by itself: those
 * who verify our tokens can measure our clock as we measure that of issuers.
 */
@Provider
public final class DateFilter implements ContainerResponseFilter {

  private final InstantSource clock;

  DateFilter(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    response.getHeaders().putSingle(HttpHeaders.DATE, HttpDate.of(clock.instant()));
  }
}
