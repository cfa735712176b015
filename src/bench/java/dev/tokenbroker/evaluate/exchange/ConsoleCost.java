package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.edges.console.WatchedConsole;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the console costs a hit and a miss, by {@link PairedWindows}: first while nobody watches,
 * one exchange right after the other; then with 50 streams, at 500 exchanges a second.
 */
public final class ConsoleCost {

  private static final int IDENTITIES = 500;
  private static final int STREAMS = 50;
  private static final int CALLS_A_SECOND = 500;

  private final TestClock clock = new TestClock();
  private final Federation federation;
  private final WatchedConsole console;
  private final String[] credentials;

  private ConsoleCost() throws IOException {
    SeededIssuer issuer = new SeededIssuer(1);
    this.federation =
        TestExchange.federation(Files.createTempDirectory("console"), issuer.federation(), clock);
    this.console = new WatchedConsole(federation);
    this.credentials =
        IntStream.range(0, IDENTITIES)
            .mapToObj(at -> issuer.credential("acme/repository-" + at))
            .toArray(String[]::new);
  }

  public static void main(String[] args) throws IOException {
    ConsoleCost cost = new ConsoleCost();
    PairedWindows unwatched = new PairedWindows("a console that nobody watches");
    cost.report(unwatched, 50_000, 3_000);
    PairedWindows watched =
        new PairedWindows(
            STREAMS + " streams",
            Duration.ofSeconds(1).dividedBy(CALLS_A_SECOND),
            on -> cost.console.watch(on ? STREAMS : 0));
    cost.report(watched, CALLS_A_SECOND, CALLS_A_SECOND);
    System.exit(0);
  }

  private void report(PairedWindows windows, int hits, int misses) {
    List<ExchangeObserver> observers = new ArrayList<>(List.of(console.meters()));
    console.observers().forEach(observer -> observers.add(windows.switching(observer)));
    TokenExchange held = TestExchange.by(federation, clock, observers).build();
    windows.prepare(held, credentials); // each token is held
    windows.report("hit", held, credentials, hits);
    TokenExchange made =
        TestExchange.by(federation, clock, observers)
            .tokens(
                new IssuedTokens(
                    TestCacheSettings.defaults().withEnabled(false),
                    false,
                    _ -> false,
                    TestClocks.seeded(clock, 1)))
            .build();
    windows.report("miss", made, credentials, misses);
  }
}
