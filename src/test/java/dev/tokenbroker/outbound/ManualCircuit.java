package dev.tokenbroker.outbound;

import dev.tokenbroker.runtime.TestClock;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.core.FaultToleranceContext;
import io.smallrye.faulttolerance.core.Future;
import io.smallrye.faulttolerance.core.Invocation;
import io.smallrye.faulttolerance.core.circuit.breaker.CircuitBreaker;
import io.smallrye.faulttolerance.core.stopwatch.Stopwatch;
import io.smallrye.faulttolerance.core.util.ExceptionDecision;
import java.util.concurrent.Callable;

/** SmallRye's circuit breaker, by a clock that moves only when told to. */
final class ManualCircuit implements Circuit {

  private final CircuitBreaker<Void> breaker;
  private final CircuitWatch watch;

  ManualCircuit(GuardSettings settings, TestClock clock, CircuitWatch watch) {
    this.watch = watch;
    Stopwatch stopwatch =
        () -> {
          long start = clock.nanoTime();
          return () -> (clock.nanoTime() - start) / 1_000_000;
        };
    this.breaker =
        new CircuitBreaker<>(
            Invocation.invocation(),
            "manual",
            ExceptionDecision.ALWAYS_FAILURE,
            settings.probeInterval().toMillis(),
            settings.circuitFailures(),
            1,
            1,
            stopwatch,
            // Its timer only makes it report sooner what it does anyway.
            new VirtualTime());
  }

  @Override
  public void run(Callable<Void> attempt) throws Exception {
    try {
      breaker.apply(new FaultToleranceContext<>(() -> Future.from(attempt), false)).awaitBlocking();
    } catch (Exception | Error thrown) {
      throw thrown;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      report();
    }
  }

  private synchronized void report() {
    CircuitBreakerState state =
        switch (breaker.currentState()) {
          case CircuitBreaker.STATE_CLOSED -> CircuitBreakerState.CLOSED;
          case CircuitBreaker.STATE_OPEN -> CircuitBreakerState.OPEN;
          default -> CircuitBreakerState.HALF_OPEN;
        };
    if (state != watch.state()) {
      watch.changed(state);
    }
  }
}
