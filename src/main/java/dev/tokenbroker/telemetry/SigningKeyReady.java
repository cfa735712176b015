package dev.tokenbroker.telemetry;

import dev.tokenbroker.edge.Readiness;
import dev.tokenbroker.signing.SigningKeys;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/** Readiness check: up while there is a key to sign tokens with. */
@org.eclipse.microprofile.health.Readiness
@Singleton
final class SigningKeyReady implements HealthCheck {

  private final SigningKeys keys;
  private final Readiness readiness;

  SigningKeyReady(SigningKeys keys, Readiness readiness) {
    this.keys = keys;
    this.readiness = readiness;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("signing key")
        .status(readiness.canSign())
        .withData("published", keys.published().jwkList().size())
        .build();
  }
}
