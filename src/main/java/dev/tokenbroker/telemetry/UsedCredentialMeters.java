package dev.tokenbroker.telemetry;

import dev.tokenbroker.credential.UsedCredentials;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;

/** Meters of the remembered used credentials and of their limit. */
@Singleton
final class UsedCredentialMeters {

  private final MeterRegistry registry;
  private final UsedCredentials used;

  UsedCredentialMeters(MeterRegistry registry, UsedCredentials used) {
    this.registry = registry;
    this.used = used;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    Gauge.builder(MeterNames.USED_CREDENTIALS, used, UsedCredentials::remembered)
        .description("Used credentials remembered, of issuers whose may be exchanged once only")
        .register(registry);
    Gauge.builder(MeterNames.USED_CREDENTIALS_LIMIT, used, UsedCredentials::limit)
        .description("How many used credentials may be remembered")
        .register(registry);
  }
}
