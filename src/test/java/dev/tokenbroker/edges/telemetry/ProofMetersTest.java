package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.possession.Nonces;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import dev.tokenbroker.judge.possession.UsedProofs;
import dev.tokenbroker.peers.store.ChosenStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("store")
class ProofMetersTest {

  @Test
  void show_how_many_are_remembered_and_may_be() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();

    ProofVerifier proofs = proofs(new SteppedClock());
    new StateMeters(registry).register(StateMeters.POSSESSION, () -> proofs);

    assertThat(registry.get(BrokerMeter.DPOP_PROOFS.id()).gauge().value()).isZero();
    assertThat(registry.get(BrokerMeter.DPOP_PROOFS_LIMIT.id()).gauge().value()).isEqualTo(1234);
  }

  /** Whoever takes proofs, with room for 1234 of them. */
  static ProofVerifier proofs(InstantSource clock) {
    TestDpopSettings settings = TestDpopSettings.defaults().withMaxRemembered(1234);
    return new ProofVerifier(
        settings,
        new Nonces(settings, clock),
        SignatureProvider.jdk(),
        new UsedProofs(settings, ChosenStore.empty(), Clocks.system()),
        clock);
  }
}
