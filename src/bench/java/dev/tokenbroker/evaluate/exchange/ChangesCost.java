package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.changes.FullTimeline;
import dev.tokenbroker.operate.changes.shape.LearningShapes;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the timeline of changes costs a hit, a miss and a refusal, by {@link PairedWindows}: it
 * counts refusals and learns the shapes of claims. And the memory of a full timeline.
 */
public final class ChangesCost {

  private static final int IDENTITIES = 500;

  private ChangesCost() {}

  public static void main(String[] args) throws IOException {
    TestClock clock = new TestClock();
    SeededIssuer issuer = new SeededIssuer(1);
    Federation federation =
        TestExchange.federation(Files.createTempDirectory("changes"), issuer.federation(), clock);
    PairedWindows windows = new PairedWindows("refusals counted and shapes learned");
    List<ExchangeObserver> observers =
        List.of(
            windows.switching(FullTimeline.history()),
            windows.switching(LearningShapes.start(federation)));
    String[] granted = credentials(issuer, "acme/repository-");
    TokenExchange hits = TestExchange.by(federation, clock, observers).build();
    windows.prepare(hits, granted); // each token is held
    windows.report("hit", hits, granted, 50_000);
    TokenExchange misses =
        TestExchange.by(federation, clock, observers)
            .tokens(
                new IssuedTokens(
                    TestCacheSettings.defaults().withEnabled(false),
                    false,
                    _ -> false,
                    TestClocks.seeded(clock, 1)))
            .build();
    windows.report("miss", misses, granted, 3_000);
    windows.report(
        "refusal",
        misses,
        credentials(issuer, "other/repository-"),
        3_000,
        RefusalReason.NO_RULE_MATCHED);
    FullTimeline.report();
    System.exit(0);
  }

  private static String[] credentials(SeededIssuer issuer, String prefix) {
    return IntStream.range(0, IDENTITIES)
        .mapToObj(at -> issuer.credential(prefix + at))
        .toArray(String[]::new);
  }
}
