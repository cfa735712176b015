package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.recording.Recorder;
import dev.tokenbroker.operate.recording.RecordingSettings;
import dev.tokenbroker.operate.recording.RunningRecorder;
import dev.tokenbroker.process.runtime.TestClock;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What the recording costs a hit and a miss, by {@link PairedWindows}. */
public final class RecordingCost {

  private static final int IDENTITIES = 500;

  private RecordingCost() {}

  public static void main(String[] args) throws IOException {
    TestClock clock = new TestClock();
    SeededIssuer issuer = new SeededIssuer(1);
    Path directory = Files.createTempDirectory("recording");
    Federation federation = TestExchange.federation(directory, issuer.federation(), clock);
    Recorder recorder =
        RunningRecorder.start(
            settings(directory.resolve("recording.jsonl")), federation, InstantSource.system());
    PairedWindows windows = new PairedWindows("recording");
    ExchangeObserver observer = windows.switching(recorder);
    String[] credentials =
        IntStream.range(0, IDENTITIES)
            .mapToObj(at -> issuer.credential("acme/repository-" + at))
            .toArray(String[]::new);
    TokenExchange hits = TestExchange.by(federation, clock, List.of(observer)).build();
    windows.prepare(hits, credentials); // each token is held, and each request is recorded
    windows.report("hit", hits, credentials, 50_000);
    TokenExchange misses =
        TestExchange.by(federation, clock, List.of(observer))
            .tokens(
                new IssuedTokens(
                    TestCacheSettings.defaults().withEnabled(false),
                    false,
                    _ -> false,
                    TestClocks.seeded(clock, 1)))
            .build();
    windows.report("miss", misses, credentials, 3_000);
    System.out.println("recorder: " + recorder.status());
    System.exit(0);
  }

  private static RecordingSettings settings(Path file) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(RecordingSettings.class)
        .withSources(
            new PropertiesConfigSource(
                Map.of(
                    "token-broker.recording.enabled",
                    "true",
                    "token-broker.recording.path",
                    file.toString()),
                "bench",
                500))
        .build()
        .getConfigMapping(RecordingSettings.class);
  }
}
