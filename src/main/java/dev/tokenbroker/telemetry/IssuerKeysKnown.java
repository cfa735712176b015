package dev.tokenbroker.telemetry;

import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.issuer.TrustedIssuer;
import jakarta.inject.Singleton;
import java.util.Locale;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Health check that shows how fresh each issuer's keys are. Always up: a load balancer must not
 * take the broker away from all issuers because one is down.
 */
@Readiness
@Singleton
final class IssuerKeysKnown implements HealthCheck {

  private static final int MAX_ISSUERS = 100;

  private final Federations federations;

  IssuerKeysKnown(Federations federations) {
    this.federations = federations;
  }

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("issuer keys (informational)").up();
    federations.current().stream()
        .flatMap(federation -> federation.issuers().all().stream())
        .limit(MAX_ISSUERS)
        .forEach(issuer -> response.withData(issuer.name(), freshness(issuer)));
    return response.build();
  }

  private static String freshness(TrustedIssuer issuer) {
    return issuer.keys().status().freshness().name().toLowerCase(Locale.ROOT);
  }
}
