package dev.tokenbroker.telemetry;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Audit records are written: not ready while a write to standard output stalls. */
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
