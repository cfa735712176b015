package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.edges.telemetry.UpstreamMeters.UpstreamNumbers;
import dev.tokenbroker.peers.guard.PeerStatus;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import java.util.function.Supplier;

/** How guards of upstreams stand in tests. */
final class Guards {

  private Guards() {}

  /** The numbers of an upstream with that guard, at which no attempt has failed. */
  static UpstreamNumbers numbers(Supplier<PeerStatus> guard) {
    return new UpstreamNumbers(guard, _ -> 0, () -> 3, () -> 1);
  }

  /** Asked for nothing yet. */
  static PeerStatus idle() {
    return new PeerStatus(
        "sso", CircuitState.CLOSED, 5, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0.1);
  }

  /**
   * In trouble: of 100 attempts 92 were needed, 2 of them probes; 60 were answered. That leaves 5 +
   * 0.1 x 60 - 8 = 3 retries.
   */
  static PeerStatus troubled() {
    return new PeerStatus(
        "sso", CircuitState.OPEN, 2.5, 7, 32, 100, 92, 2, 8, 60, 33, 11, 3, 4, 1, 5, 0.1);
  }
}
