package dev.tokenbroker.exchange;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.rehearsal.Recorder;
import dev.tokenbroker.rehearsal.RecordingSettings;
import dev.tokenbroker.rehearsal.RunningRecorder;
import dev.tokenbroker.runtime.TestClock;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What the recording costs a hit and a miss: windows with and without it in turns, in one process,
 * 20 pairs. A pair's ratio compares two windows that follow each other.
 */
public final class RecordingCost {

  private static final int PAIRS = 20;
  private static final int WARM_UP = 5;
  private static final int IDENTITIES = 500;

  private static boolean recording;

  private RecordingCost() {}

  public static void main(String[] args) throws IOException {
    TestClock clock = new TestClock();
    SeededIssuer issuer = new SeededIssuer(1);
    Path directory = Files.createTempDirectory("recording");
    Path key = Files.writeString(directory.resolve("key"), "k".repeat(32));
    Federation federation = TestExchange.federation(directory, issuer.federation(), clock);
    Recorder recorder =
        RunningRecorder.start(settings(key), federation, directory.resolve("recording.jsonl"));
    ExchangeObserver observer =
        record -> {
          if (recording) {
            recorder.ended(record);
          }
        };
    String[] credentials =
        IntStream.range(0, IDENTITIES)
            .mapToObj(at -> issuer.credential("acme/repository-" + at))
            .toArray(String[]::new);
    TokenExchange hits = TestExchange.by(federation, clock, List.of(observer)).build();
    recording = true;
    window(hits, credentials, IDENTITIES); // each token is held, and each request is recorded
    report("hit", hits, credentials, 50_000);
    TokenExchange misses =
        TestExchange.by(federation, clock, List.of(observer))
            .tokens(
                new IssuedTokens(
                    TestCacheSettings.defaults().withEnabled(false),
                    _ -> false,
                    clock,
                    clock::nanoTime,
                    () -> new Random(1)))
            .build();
    report("miss", misses, credentials, 3_000);
    System.out.println("recorder: " + recorder.status());
    System.exit(0);
  }

  private static RecordingSettings settings(Path key) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(RecordingSettings.class)
        .withSources(
            new PropertiesConfigSource(
                Map.of(
                    "token-broker.recording.path",
                    "x",
                    "token-broker.recording.key-file",
                    key.toString()),
                "bench",
                500))
        .build()
        .getConfigMapping(RecordingSettings.class);
  }

  private static void report(String what, TokenExchange exchange, String[] credentials, int calls) {
    double[] ratios = new double[PAIRS];
    double[] without = new double[PAIRS];
    for (int pair = -WARM_UP; pair < PAIRS; pair++) {
      recording = pair % 2 == 0;
      double first = window(exchange, credentials, calls);
      recording = !recording;
      double second = window(exchange, credentials, calls);
      if (pair >= 0) {
        // After the second window, `recording` says whether that one recorded.
        ratios[pair] = recording ? second / first : first / second;
        without[pair] = recording ? first : second;
      }
    }
    Arrays.sort(ratios);
    Arrays.sort(without);
    System.out.printf(
        "%s: %.2f us without; with recording median %+.1f %%, quartiles %+.1f to %+.1f %%%n",
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
