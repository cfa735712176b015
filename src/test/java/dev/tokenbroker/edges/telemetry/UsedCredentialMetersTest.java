package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.judge.credential.UsedCredentials;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class UsedCredentialMetersTest {

  @Test
  void show_how_many_are_remembered_and_may_be() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    UsedCredentials used = new UsedCredentials(7, new SteppedClock());

    new StateMeters(registry).register(StateMeters.ONCE_ONLY, () -> used);

    assertThat(registry.get(BrokerMeter.USED_CREDENTIALS.id()).gauge().value()).isZero();
    assertThat(registry.get(BrokerMeter.USED_CREDENTIALS_LIMIT.id()).gauge().value()).isEqualTo(7);
  }
}
