package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.Readiness;
import dev.tokenbroker.federation.FederationStatus;
import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.token.SigningKeys;
import dev.tokenbroker.token.TestTokenSettings;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadinessTest {

  private static final FederationStatus REFUSED_SINCE_THE_START =
      new FederationStatus(null, null, null, List.of(), 0, 1);

  private final SigningKeys keys = new SigningKeys(TestTokenSettings.defaults(), new TestClock());

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void is_told_alike_by_every_probe(boolean federationLoaded, boolean canSign) {
    Readiness readiness = new Readiness(() -> federationLoaded, () -> canSign);

    Status federation =
        new FederationReady(() -> REFUSED_SINCE_THE_START, readiness).call().getStatus();
    Status key = new SigningKeyReady(keys, readiness).call().getStatus();

    assertThat(federation).isEqualTo(federationLoaded ? Status.UP : Status.DOWN);
    assertThat(key).isEqualTo(canSign ? Status.UP : Status.DOWN);
    assertThat(readiness.ready()).isEqualTo(federation == Status.UP && key == Status.UP);
  }
}
