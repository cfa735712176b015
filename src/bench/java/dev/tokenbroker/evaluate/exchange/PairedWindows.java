package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a feature costs an exchange: windows with and without it in turns, in one process, {@value
 * #PAIRS} pairs. A pair's ratio compares two windows that follow each other. For one thread.
 */
final class PairedWindows {

  private static final int PAIRS = 20;
  private static final int WARM_UP = 5;

  private final String feature;
  private final Consumer<Boolean> turned;
  private final Duration pace;
  private boolean on;

  /**
   * @param feature its name in what is printed
   */
  PairedWindows(String feature) {
    this(feature, Duration.ZERO, _ -> {});
  }

  /**
   * @param pace the time from one exchange to the next; zero for one right after the other
   * @param turned is told before each window whether it is one with the feature
   */
  PairedWindows(String feature, Duration pace, Consumer<Boolean> turned) {
    this.feature = feature;
    this.pace = pace;
    this.turned = turned;
  }

  private void turn(boolean now) {
    on = now;
    turned.accept(now);
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
    turn(true);
    window(exchange, credentials, credentials.length, null);
  }

  /** Measures exchanges that are accepted, and prints the ratios. */
  void report(String what, TokenExchange exchange, String[] credentials, int calls) {
    report(what, exchange, credentials, calls, null);
  }

  /** Measures two exchanges in turns, one of which has the feature, and prints the ratios. */
  void report(
      String what, TokenExchange plain, TokenExchange featured, String[] credentials, int calls) {
    report(what, plain, featured, credentials, calls, null);
  }

  /** Measures exchanges that end with that reason, and prints the ratios. */
  void report(
      String what,
      TokenExchange exchange,
      String[] credentials,
      int calls,
      @Nullable RefusalReason reason) {
    report(what, exchange, exchange, credentials, calls, reason);
  }

  private void report(
      String what,
      TokenExchange plain,
      TokenExchange featured,
      String[] credentials,
      int calls,
      @Nullable RefusalReason reason) {
    double[] ratios = new double[PAIRS];
    double[] without = new double[PAIRS];
    for (int pair = -WARM_UP; pair < PAIRS; pair++) {
      turn(pair % 2 == 0);
      double first = window(on ? featured : plain, credentials, calls, reason);
      turn(!on);
      double second = window(on ? featured : plain, credentials, calls, reason);
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
  private double window(
      TokenExchange exchange, String[] credentials, int calls, @Nullable RefusalReason reason) {
    long begin = System.nanoTime();
    long waited = 0;
    for (int call = 0; call < calls; call++) {
      if (!pace.isZero()) {
        waited += awaitTime(begin + call * pace.toNanos());
      }
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
    return (System.nanoTime() - begin - waited) / (double) calls;
  }

  /** Waits until then, and returns how long it was. */
  private static long awaitTime(long due) {
    long begin = System.nanoTime();
    long left = due - begin;
    while (left > 0) {
      LockSupport.parkNanos(left);
      left = due - System.nanoTime();
    }
    return System.nanoTime() - begin;
  }
}
