package dev.tokenbroker.telemetry;

import dev.tokenbroker.jose.SignatureProvider;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;

/** Meter of the signature provider: a replica on the JDK serves a fraction of what others do. */
@Singleton
final class CryptoMeters {

  private final MeterRegistry registry;
  private final SignatureProvider provider;

  CryptoMeters(MeterRegistry registry, SignatureProvider provider) {
    this.registry = registry;
    this.provider = provider;
  }

  void start(@Observes Startup event) {
    register();
  }

  /** The choice was made at the start and does not change. */
  void register() {
    Gauge.builder(MeterNames.CRYPTO_PROVIDER, () -> 1)
        .description("1 for who makes and checks signatures; no other is present")
        .tag(MeterNames.PROVIDER, provider.name())
        .register(registry);
  }
}
