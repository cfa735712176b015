package dev.tokenbroker.telemetry;

import dev.tokenbroker.edge.Readiness;
import dev.tokenbroker.federation.FederationStatus;
import dev.tokenbroker.federation.Federations;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * Readiness check of the federation: up while one is in force. A bad document on disk leaves it up
 * as long as an earlier good one is in force; the number of problems shows.
 */
@org.eclipse.microprofile.health.Readiness
@Singleton
final class FederationReady implements HealthCheck {

  private final Supplier<FederationStatus> federation;
  private final Readiness readiness;

  @Inject
  FederationReady(Federations federations, Readiness readiness) {
    this(federations::status, readiness);
  }

  FederationReady(Supplier<FederationStatus> federation, Readiness readiness) {
    this.federation = federation;
    this.readiness = readiness;
  }

  @Override
  public HealthCheckResponse call() {
    FederationStatus status = federation.get();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("federation")
            .status(readiness.federationLoaded())
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
