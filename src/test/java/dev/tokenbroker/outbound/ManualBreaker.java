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
import java.util.function.Consumer;

/** SmallRye's circuit breaker, by a clock that moves only when told to. */
final class ManualBreaker implements Breaker {

  private final CircuitBreaker<Void> breaker;
  private final Consumer<CircuitBreakerState> onChange;
  private CircuitBreakerState reported = CircuitBreakerState.CLOSED;

  ManualBreaker(GuardSettings settings, TestClock clock, Consumer<CircuitBreakerState> onChange) {
    this.onChange = onChange;
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
            1,
            1,
            1,
            stopwatch,
            // Its timer only makes it report sooner what it does anyway.
            new VirtualTime());
  }

  @Override
  public void run(Callable<Void> attempt) throws Exception {
    try {
      Callable<Void> reported =
          () -> {
            report();
            return attempt.call();
          };
      breaker
          .apply(new FaultToleranceContext<>(() -> Future.from(reported), false))
          .awaitBlocking();
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
    if (state != reported) {
      reported = state;
      onChange.accept(state);
    }
  }
}
