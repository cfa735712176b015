package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.rehearsal.Recorder;
import dev.tokenbroker.rehearsal.RecordingSettings;
import dev.tokenbroker.rehearsal.RunningRecorder;
import dev.tokenbroker.runtime.TestClock;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a broker records of its exchanges. */
class RecordingTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(41);

  private final TestClock clock = new TestClock();
  @TempDir private Path directory;

  /** Hits count whether held tokens keep the claims of their credentials or not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void each_hit_counts_once(boolean keepsClaims) throws IOException {
    Federation federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    Path file = directory.resolve("recording.jsonl");
    Recorder recorder =
        RunningRecorder.start(settings(Map.of("path", file.toString())), federation, file);
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

  @Test
  void holds_claims_that_rules_read_or_the_list_names_and_none_of_one_credential()
      throws IOException {
    Federation federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    Path file = directory.resolve("recording.jsonl");
    Recorder recorder =
        RunningRecorder.start(
            settings(
                Map.of(
                    "path",
                    file.toString(),
                    "claims",
                    "level,team,email,iss,jti,iat,exp,nbf,auth_time,updated_at,nonce",
                    "drop",
                    "email")),
            federation,
            file);
    long now = clock.instant().getEpochSecond();
    String credential =
        ISSUER.sign(
            """
            {"iss":"%s","sub":"robot","aud":"%s","exp":%d,"nbf":%d,"iat":%d,"auth_time":1,\
            "updated_at":2,"jti":"one","nonce":"once","repository":"acme/a","level":7,\
            "email":"a@example.org","other":"unread"}"""
                .formatted(SeededIssuer.ISSUER, SeededIssuer.AUDIENCE, now + 300, now, now));
    Exchanged _ =
        TestExchange.exchange(
            TestExchange.by(federation, clock, List.of(recorder)).build(),
            TestExchange.request("orders", credential),
            TestExchange.enough());
    RunningRecorder.stop(recorder);

    JsonObject line = new JsonObject(Files.readAllLines(file).getLast());
    assertThat(line.getJsonObject("claims").getMap())
        .isEqualTo(Map.of("sub", "robot", "repository", "acme/a", "level", 7));
    assertThat(line.getJsonArray("absent")).containsExactly("team");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  private static RecordingSettings settings(Map<String, String> settings) {
    Map<String, String> named = new HashMap<>();
    settings.forEach((key, value) -> named.put("token-broker.recording." + key, value));
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(RecordingSettings.class)
        .withSources(new PropertiesConfigSource(named, "test", 500))
        .build()
        .getConfigMapping(RecordingSettings.class);
  }
}
