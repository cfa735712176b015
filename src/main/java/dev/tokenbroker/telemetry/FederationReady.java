package dev.tokenbroker.telemetry;

import dev.tokenbroker.federation.FederationStatus;
import dev.tokenbroker.federation.Federations;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * A federation is in force. A bad document on disk leaves it ready as long as an earlier good one
 * serves; the number of problems shows.
 */
@Readiness
@Singleton
final class FederationReady implements HealthCheck {

  private final Federations federations;

  FederationReady(Federations federations) {
    this.federations = federations;
  }

  @Override
  public HealthCheckResponse call() {
    FederationStatus status = federations.status();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("federation")
            .status(status.revision() != null)
            .withData("problems", status.problems().size());
    if (status.revision() != null) {
      response.withData("revision", FederationMeters.shortened(status.revision()));
    }
    if (status.loadedAt() != null) {
      response.withData("loaded_time", status.loadedAt().toString());
    }
    return response.build();
  }
}
