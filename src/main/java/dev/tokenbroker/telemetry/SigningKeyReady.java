package dev.tokenbroker.telemetry;

import dev.tokenbroker.token.SigningKeys;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** There is a key to sign tokens with. */
@Readiness
@Singleton
final class SigningKeyReady implements HealthCheck {

  private final SigningKeys keys;

  SigningKeyReady(SigningKeys keys) {
    this.keys = keys;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("signing key")
        .status(keys.available())
        .withData("published", keys.published().jwkList().size())
        .build();
  }
}
