package dev.tokenbroker.outbound;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The last known state of a circuit, which reports its changes but cannot be queried. Only early
 * refusals and meters use it; the circuit itself decides whether an attempt is made. So reports may
 * come late: an open circuit counts as ready for a probe once the interval has passed by our own
 * clock. Safe for use by several threads.
 */
final class CircuitWatch {

  private final long probeIntervalNanos;
  private final LongSupplier nanoTime;
  private volatile SeenCircuit seen;

  private record SeenCircuit(CircuitBreakerState state, long since) {}

  CircuitWatch(Duration probeInterval, LongSupplier nanoTime) {
    this.probeIntervalNanos = probeInterval.toNanos();
    this.nanoTime = nanoTime;
    this.seen = new SeenCircuit(CircuitBreakerState.CLOSED, nanoTime.getAsLong());
  }

  void changed(CircuitBreakerState state) {
    seen = new SeenCircuit(state, nanoTime.getAsLong());
  }

  CircuitBreakerState state() {
    return seen.state();
  }

  /** How long no call can get through; zero where a call may. */
  Duration untilProbe() {
    SeenCircuit now = seen;
    if (now.state() != CircuitBreakerState.OPEN) {
      return Duration.ZERO;
    }
    long left = probeIntervalNanos - (nanoTime.getAsLong() - now.since());
    return Duration.ofNanos(Math.max(0, left));
  }
}
