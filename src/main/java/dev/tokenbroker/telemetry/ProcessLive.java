package dev.tokenbroker.telemetry;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * The process answers. Nothing that a restart would not mend may make it fail, so it looks at
 * nothing else.
 */
@Liveness
@Singleton
final class ProcessLive implements HealthCheck {

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.up("process");
  }
}
