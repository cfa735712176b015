package dev.tokenbroker.telemetry;

import dev.tokenbroker.possession.ProofVerifier;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;

/** Meters of the remembered DPoP proofs and of their limit. */
@Singleton
final class ProofMeters {

  private final MeterRegistry registry;
  private final ProofVerifier proofs;

  ProofMeters(MeterRegistry registry, ProofVerifier proofs) {
    this.registry = registry;
    this.proofs = proofs;
  }

  void start(@Observes Startup event) {
    register();
  }

  void register() {
    Gauge.builder(MeterNames.PROOFS, proofs, ProofVerifier::remembered)
        .description("DPoP proofs remembered, so that none is taken twice")
        .register(registry);
    Gauge.builder(MeterNames.PROOFS_LIMIT, proofs, ProofVerifier::limit)
        .description("How many DPoP proofs may be remembered")
        .register(registry);
  }
}
