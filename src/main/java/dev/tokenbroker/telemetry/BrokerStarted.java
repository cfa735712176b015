package dev.tokenbroker.telemetry;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/** Startup check: up once start-up checks have passed. */
@org.eclipse.microprofile.health.Startup
@Singleton
final class BrokerStarted implements HealthCheck {

  private volatile boolean started;

  void started(@Observes Startup event) {
    started = true;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("broker started").status(started).build();
  }
}
