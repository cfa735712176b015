package dev.tokenbroker.outbound;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * The two guards of SmallRye Fault Tolerance for outbound calls: both run the action on the calling
 * thread.
 *
 * <p>Neither has a name or description. By name, circuits would be registered for good, though they
 * are dropped with the federation; by description, each would have meters of its own.
 */
final class SmallRyeGuards {

  private SmallRyeGuards() {}

  /**
   * A breaker that opens at the first failure, then lets one call through each interval, and closes
   * when that call succeeds.
   */
  static Breaker breaker(Duration probeInterval, Consumer<CircuitBreakerState> onChange) {
    Guard guard =
        Guard.create()
            .withCircuitBreaker()
            // The circuit counts failures in a row, and passes on only the last one.
            .requestVolumeThreshold(1)
            .failureRatio(1)
            .delay(probeInterval.toMillis(), ChronoUnit.MILLIS)
            // One probe at a time: of several, all would have to succeed.
            .successThreshold(1)
            .onStateChange(onChange)
            .done()
            .build();
    return attempt -> guard.call(attempt, Void.class);
  }

  /**
   * Runs the call, and repeats it after each {@link RetryDue} and the delay in it.
   *
   * @param maxAttempts the first one included
   */
  static Retries retries(int maxAttempts) {
    if (maxAttempts == 1) {
      return Callable::call;
    }
    Guard guard =
        Guard.create()
            .withRetry()
            .maxRetries(maxAttempts - 1)
            // The deadline of the call decides; zero means no limit.
            .maxDuration(0, ChronoUnit.MILLIS)
            .whenException(RetryDue.class::isInstance)
            // The library's own jitter only adds to a fixed delay.
            .withCustomBackoff()
            .strategy(() -> failure -> failure instanceof RetryDue due ? due.delayMillis() : 0)
            .done()
            .done()
            .build();
    return call -> guard.call(call, Void.class);
  }

  /** Repeats a call after each {@link RetryDue}. */
  @FunctionalInterface
  interface Retries {
    Void run(Callable<Void> call) throws Exception;
  }

  /** Requests a retry. Carries no stack trace and never leaves the guard. */
  static final class RetryDue extends Exception {

    private final long delayMillis;

    RetryDue(long delayMillis) {
      super("retry", null, false, false);
      this.delayMillis = delayMillis;
    }

    long delayMillis() {
      return delayMillis;
    }
  }
}
