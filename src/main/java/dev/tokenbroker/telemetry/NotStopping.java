package dev.tokenbroker.telemetry;

import dev.tokenbroker.edge.Stopping;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Readiness check: down once the process is asked to stop, though it still serves. */
@Readiness
@Singleton
final class NotStopping implements HealthCheck {

  private volatile boolean stopping;

  void stops(@Observes Stopping event) {
    stopping = true;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("not stopping").status(!stopping).build();
  }
}
