package dev.tokenbroker.outbound;

import java.util.concurrent.Callable;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/** A circuit breaker around attempts; hides the library's clock, by which it opens and closes. */
interface Circuit {

  /**
   * Runs the attempt, unless the circuit is open. An attempt that throws has failed.
   *
   * @throws CircuitBreakerOpenException where the attempt was not run
   * @throws Exception what the attempt throws
   */
  void run(Callable<Void> attempt) throws Exception;
}
