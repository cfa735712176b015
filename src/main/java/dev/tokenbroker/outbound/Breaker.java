package dev.tokenbroker.outbound;

import java.util.concurrent.Callable;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/** The library's circuit breaker; hides the library's clock, by which it opens and closes. */
interface Breaker {

  /**
   * Runs the attempt, unless the breaker is open. An attempt that throws opens it.
   *
   * @throws CircuitBreakerOpenException where the attempt was not run
   * @throws Exception what the attempt throws
   */
  void run(Callable<Void> attempt) throws Exception;
}
