package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hits count in a recording, whether held tokens keep the claims of their credentials or not. */
class RecordedHitsTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(41);

  private final TestClock clock = new TestClock();
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void each_hit_counts_once(boolean keepsClaims) throws IOException {
    Federation federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    Path file = directory.resolve("recording.jsonl");
    Recorder recorder = RunningRecorder.start(settings(file), federation, file);
    IssuedTokens tokens =
        new IssuedTokens(
            TestCacheSettings.defaults(),
            keepsClaims,
            _ -> false,
            clock,
            clock::nanoTime,
            () -> new Random(1));
    TokenExchange exchange =
        TestExchange.by(federation, clock, List.of(recorder)).tokens(tokens).build();

    for (int call = 0; call < 5; call++) {
      for (String repository : List.of("acme/a", "acme/b", "acme/c")) {
        Exchanged _ =
            TestExchange.exchange(
                exchange,
                TestExchange.request("orders", ISSUER.credential(repository)),
                TestExchange.enough());
      }
    }
    RunningRecorder.stop(recorder);

    assertThat(tokens.status().hits()).isEqualTo(12);
    assertThat(recorder.status().lost()).isZero();
    assertThat(Files.readAllLines(file))
        .hasSize(4)
        .filteredOn(line -> line.contains("\"target\""))
        .hasSize(3)
        .allMatch(line -> line.contains("\"count\":5"));
  }

  private static RecordingSettings settings(Path file) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(RecordingSettings.class)
        .withSources(
            new PropertiesConfigSource(
                Map.of(
                    "token-broker.recording.path",
                    file.toString(),
                    "token-broker.recording.other-claims",
                    "clear"),
                "test",
                500))
        .build()
        .getConfigMapping(RecordingSettings.class);
  }
}
