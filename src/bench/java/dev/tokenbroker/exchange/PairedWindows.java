package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.RefusalReason;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an observer costs an exchange: windows with and without it in turns, in one process, {@value
 * #PAIRS} pairs. A pair's ratio compares two windows that follow each other. For one thread.
 */
final class PairedWindows {

  private static final int PAIRS = 20;
  private static final int WARM_UP = 5;

  private final String feature;
  private boolean on;

  /**
   * @param feature what the observer is for, in what is printed
   */
  PairedWindows(String feature) {
    this.feature = feature;
  }

  /** The observer, which sees only the exchanges of windows with it. */
  ExchangeObserver switching(ExchangeObserver observer) {
    return record -> {
      if (on) {
        observer.ended(record);
      }
    };
  }

  /** Makes exchanges with the observer that nobody measures. */
  void prepare(TokenExchange exchange, String[] credentials) {
    on = true;
    double _ = window(exchange, credentials, credentials.length, null);
  }

  /** Measures exchanges that are accepted, and prints the ratios. */
  void report(String what, TokenExchange exchange, String[] credentials, int calls) {
    report(what, exchange, credentials, calls, null);
  }

  /** Measures exchanges that end with that reason, and prints the ratios. */
  void report(
      String what,
      TokenExchange exchange,
      String[] credentials,
      int calls,
      @Nullable RefusalReason reason) {
    double[] ratios = new double[PAIRS];
    double[] without = new double[PAIRS];
    for (int pair = -WARM_UP; pair < PAIRS; pair++) {
      on = pair % 2 == 0;
      double first = window(exchange, credentials, calls, reason);
      on = !on;
      double second = window(exchange, credentials, calls, reason);
      if (pair >= 0) {
        // After the second window, `on` says whether that one had the observer.
        ratios[pair] = on ? second / first : first / second;
        without[pair] = on ? first : second;
      }
    }
    Arrays.sort(ratios);
    Arrays.sort(without);
    System.out.printf(
        "%s: %.2f us without; with %s median %+.1f %%, quartiles %+.1f to %+.1f %%%n",
        what,
        without[PAIRS / 2] / 1_000,
        feature,
        (ratios[PAIRS / 2] - 1) * 100,
        (ratios[PAIRS / 4] - 1) * 100,
        (ratios[PAIRS * 3 / 4] - 1) * 100);
  }

  /** The time of a call, in nanoseconds. */
  private static double window(
      TokenExchange exchange, String[] credentials, int calls, @Nullable RefusalReason reason) {
    long begin = System.nanoTime();
    for (int call = 0; call < calls; call++) {
      Exchanged exchanged =
          exchange
              .exchange(
                  TestExchange.request("orders", credentials[call % credentials.length]),
                  TestExchange.enough(),
                  Runnable::run)
              .toCompletableFuture()
              .join();
      if (exchanged.verdict().reason() != reason) {
        throw new AssertionError(exchanged.verdict());
      }
    }
    return (System.nanoTime() - begin) / (double) calls;
  }
}
