package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.candidate.RunningComparison;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a candidate costs a hit and a miss, with a share of 0.1 and of 1, by {@link PairedWindows}.
 * Held tokens keep their claims in both windows. The candidate refuses a tenth.
 */
public final class CandidateCost {

  private static final int IDENTITIES = 500;

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
    PairedWindows windows = new PairedWindows("the candidate");
    ExchangeObserver observer = windows.switching(running.comparison());
    String[] credentials =
        IntStream.range(0, IDENTITIES)
            .mapToObj(at -> issuer.credential("acme/repository-" + at))
            .toArray(String[]::new);
    TokenExchange hits = exchange(federation, clock, observer, true);
    windows.prepare(hits, credentials); // each token is held
    windows.report("share " + share + ", hit", hits, credentials, 50_000);
    TokenExchange misses = exchange(federation, clock, observer, false);
    windows.report("share " + share + ", miss", misses, credentials, 3_000);
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
                TestClocks.seeded(clock, 1)))
        .build();
  }
}
