package dev.tokenbroker.exchange;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.rehearsal.candidate.RunningComparison;
import dev.tokenbroker.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What a candidate costs a hit and a miss, with a share of 0.1 and of 1: windows with and without
 * it in turns, in one process, 20 pairs. A pair's ratio compares two windows that follow each
 * other. Held tokens keep their claims in both windows. The candidate refuses a tenth.
 */
public final class CandidateCost {

  private static final int PAIRS = 20;
  private static final int WARM_UP = 5;
  private static final int IDENTITIES = 500;

  private static boolean comparing;

  private CandidateCost() {}

  public static void main(String[] args) throws IOException {
    for (double share : new double[] {0.1, 1}) {
      measure(share);
    }
    System.exit(0);
  }

  private static void measure(double share) throws IOException {
    TestClock clock = new TestClock();
    SeededIssuer issuer = new SeededIssuer(1);
    Path directory = Files.createTempDirectory("candidate");
    Federation federation = TestExchange.federation(directory, issuer.federation(), clock);
    Path candidate =
        Files.writeString(
            directory.resolve("candidate.yaml"),
            issuer
                .federation()
                .replace(
                    "startsWith(\"acme/\")",
                    "startsWith(\"acme/\") && !claims.repository.endsWith(\"7\")"));
    RunningComparison running =
        RunningComparison.start(candidate, () -> Optional.of(federation), clock, share);
    ExchangeObserver observer =
        record -> {
          if (comparing) {
            running.comparison().ended(record);
          }
        };
    String[] credentials =
        IntStream.range(0, IDENTITIES)
            .mapToObj(at -> issuer.credential("acme/repository-" + at))
            .toArray(String[]::new);
    TokenExchange hits = exchange(federation, clock, observer, true);
    comparing = true;
    window(hits, credentials, IDENTITIES); // each token is held
    report("share " + share + ", hit", hits, credentials, 50_000);
    TokenExchange misses = exchange(federation, clock, observer, false);
    report("share " + share + ", miss", misses, credentials, 3_000);
    System.out.println("compared: " + running.drained().compared());
    System.out.println("skipped: " + running.drained().skipped());
  }

  private static TokenExchange exchange(
      Federation federation, TestClock clock, ExchangeObserver observer, boolean cached) {
    return TestExchange.by(federation, clock, List.of(observer))
        .tokens(
            new IssuedTokens(
                TestCacheSettings.defaults().withEnabled(cached),
                true,
                _ -> false,
                clock,
                clock::nanoTime,
                () -> new Random(1)))
        .build();
  }

  private static void report(String what, TokenExchange exchange, String[] credentials, int calls) {
    double[] ratios = new double[PAIRS];
    double[] without = new double[PAIRS];
    for (int pair = -WARM_UP; pair < PAIRS; pair++) {
      comparing = pair % 2 == 0;
      double first = window(exchange, credentials, calls);
      comparing = !comparing;
      double second = window(exchange, credentials, calls);
      if (pair >= 0) {
        // After the second window, `comparing` says whether that one compared.
        ratios[pair] = comparing ? second / first : first / second;
        without[pair] = comparing ? first : second;
      }
    }
    Arrays.sort(ratios);
    Arrays.sort(without);
    System.out.printf(
        "%s: %.2f us without; with the candidate median %+.1f %%, quartiles %+.1f to %+.1f %%%n",
        what,
        without[PAIRS / 2] / 1_000,
        (ratios[PAIRS / 2] - 1) * 100,
        (ratios[PAIRS / 4] - 1) * 100,
        (ratios[PAIRS * 3 / 4] - 1) * 100);
  }

  /** The time of a call, in nanoseconds. */
  private static double window(TokenExchange exchange, String[] credentials, int calls) {
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
      if (!exchanged.verdict().accepted()) {
        throw new AssertionError(exchanged.verdict());
      }
    }
    return (System.nanoTime() - begin) / (double) calls;
  }
}
