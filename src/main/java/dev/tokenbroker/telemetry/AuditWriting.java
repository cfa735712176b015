package dev.tokenbroker.telemetry;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Readiness check of the audit log: down while records cannot be written. */
@Readiness
@Singleton
final class AuditWriting implements HealthCheck {

  private final AuditLog audit;

  AuditWriting(AuditLog audit) {
    this.audit = audit;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("audit log").status(audit.isWriting()).build();
  }
}
